import type { RowClass } from '../../domain/class.ts';
import type { Language } from '../../domain/language.ts';

/**
 * The sentences of notes in one language. Class names stay as they are, because scripts read them in the column
 * beside the note.
 */
export interface NoteTexts {
  /** Settled by a person; `date` as yyyy-MM-dd, with the note that person left. */
  settled(by: string, date: string, note: string): string;
  kept(reason: string): string;
  readonly untilAsked: string;
  /** Null: the ledger no longer knows. */
  duplicate(line: number | null, rowClass: RowClass | null): string;
  readonly disputed: string;
  readonly recovered: string;
  readonly saidNothing: string;
  readonly neverCalled: string;
  /** ISO 8601; null: no call is known. */
  heldAsSuccess(lastCalledAt: string | null): string;
  readonly settledThere: string;
  readonly calledThisNight: string;
  readonly comesAgain: string;
  cameAgain(nights: number): string;
}

export const noteTexts: Readonly<Record<Language, NoteTexts>> = {
  en: {
    settled: (by, date, note) => `settled by ${by} on ${date}: ${note}`,
    kept: (reason) => `kept from an earlier run, not called: ${reason}`,
    untilAsked: 'not called any more until a person asks (retry)',
    duplicate: (line, rowClass) => `same record as line ${line ?? '?'} (${rowClass ?? '?'})`,
    disputed:
      'several user ids for this PAR in the list, or in another list of the same start: none was sent',
    recovered: 'an earlier call of ours had gone unanswered',
    saidNothing:
      'the answer to its call said nothing about this record, and the run ended before another call',
    neverCalled: 'the run ended before its call',
    heldAsSuccess: (lastCalledAt) => `held as success, last called ${lastCalledAt ?? 'never'}`,
    settledThere: 'settled there',
    calledThisNight: 'it was called this night, and comes again another night',
    comesAgain: 'it comes again by itself',
    cameAgain: (nights) => `came again for ${nights === 1 ? '1 night' : `${nights} nights`}`,
  },
  ko: {
    settled: (by, date, note) => `${by}이(가) ${date}에 종결했습니다: ${note}`,
    kept: (reason) => `이전 실행의 결과를 유지하고 호출하지 않았습니다: ${reason}`,
    untilAsked: '사람이 요청(retry)할 때까지 더 이상 호출하지 않습니다',
    duplicate: (line, rowClass) => `${line ?? '?'}번째 줄과 같은 건입니다 (${rowClass ?? '?'})`,
    disputed: '이 목록이나 함께 실행한 다른 목록에 이 PAR의 회원번호가 여러 개 있어 모두 전송하지 않았습니다',
    recovered: '앞선 호출 하나가 응답을 받지 못했으나 등록되어 있었습니다',
    saidNothing: '호출했으나 이 건에 대한 답이 없었고, 다시 호출하기 전에 실행이 끝났습니다',
    neverCalled: '호출하기 전에 실행이 끝났습니다',
    heldAsSuccess: (lastCalledAt) =>
      lastCalledAt === null
        ? '이미 성공한 건이며 호출 기록은 없습니다'
        : `이미 성공한 건이며 마지막 호출은 ${lastCalledAt}입니다`,
    settledThere: '그때 결과가 확정되었습니다',
    calledThisNight: '오늘 밤 이미 호출했으며 다른 날 밤에 다시 호출합니다',
    comesAgain: '다음에 자동으로 다시 호출합니다',
    cameAgain: (nights) => `${nights}일 밤에 걸쳐 다시 호출했습니다`,
  },
};
