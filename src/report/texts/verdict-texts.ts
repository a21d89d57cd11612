import type { Language } from '../../domain/language.ts';
import type { RowEnds, Verdict, VerdictKind } from '../verdict.ts';

/** The words of a verdict, the same on the terminal, the page and the workbook. */
export interface ToldVerdict {
  /** A few words. */
  readonly sign: string;
  /** One sentence with every figure of the verdict that is not 0. */
  readonly sentence: string;
}

interface VerdictTexts {
  readonly signs: Readonly<Record<VerdictKind, string>>;
  readonly sentence: (kind: VerdictKind, rows: string, ends: string) => string;
  /** The figures of where the rows are, each with its words, in this order; figures of 0 are left out. */
  readonly ends: Readonly<Record<Exclude<keyof RowEnds, 'rows'>, (count: string) => string>>;
  readonly join: string;
  readonly number: (count: number) => string;
}

const english: VerdictTexts = {
  signs: {
    broken: 'Broken totals',
    unstaged: 'Not read',
    superseded: 'Closed early',
    stopped: 'Stopped',
    empty: 'Nothing to do',
    done: 'Done',
    settled: 'Done',
    partial: 'Complete, not all enrolled',
  },
  sentence: (kind, rows, ends) => {
    const all = rows === '1' ? 'The one row' : `Of ${rows} rows`;
    switch (kind) {
      case 'broken':
        return 'BROKEN TOTALS: the figures do not agree. Do not use any figure in this folder; keep the folder and report this.';
      case 'unstaged':
        return 'The list was not read to its end, and nobody was called. Start the same command again.';
      case 'superseded':
        return `Closed before its end because another list came. ${all}: ${ends}.`;
      case 'stopped':
        return `Stopped before its end. ${all}: ${ends}.`;
      case 'empty':
        return 'The list has no rows. Nobody was called.';
      case 'done':
        return `It worked. ${all}: ${ends}.`;
      case 'settled':
        return `Complete, and nothing is left to do. ${all}: ${ends}.`;
      case 'partial':
        return `Complete, but not everybody is enrolled. ${all}: ${ends}.`;
    }
  },
  ends: {
    enrolledNow: (count) => `${count} enrolled`,
    enrolledBefore: (count) => `${count} enrolled before`,
    needSomebody: (count) => (count === '1' ? '1 needs somebody' : `${count} need somebody`),
    comeAgain: (count) => (count === '1' ? '1 comes again by itself' : `${count} come again by themselves`),
    notCalled: (count) => `${count} without a result`,
    settled: (count) => `${count} settled by a person`,
    duplicates: (count) => (count === '1' ? '1 duplicate' : `${count} duplicates`),
  },
  join: ', ',
  number: (count) => count.toLocaleString('en-GB'),
};

const korean: VerdictTexts = {
  signs: {
    broken: '합계 불일치',
    unstaged: '목록 미확인',
    superseded: '조기 종료',
    stopped: '중단',
    empty: '처리할 건 없음',
    done: '정상 완료',
    settled: '완료',
    partial: '완료(미등록 있음)',
  },
  sentence: (kind, rows, ends) => {
    switch (kind) {
      case 'broken':
        return '합계가 일치하지 않습니다. 이 폴더의 어떤 수치도 사용하지 마시고, 폴더를 보관한 채 즉시 알려 주십시오.';
      case 'unstaged':
        return '목록을 끝까지 읽지 못하여 아무도 호출하지 않았습니다. 다시 실행해 주십시오.';
      case 'superseded':
        return `다른 목록이 접수되어 도중에 종료되었습니다. 전체 ${rows}행: ${ends}.`;
      case 'stopped':
        return `도중에 중단되었습니다. 전체 ${rows}행: ${ends}.`;
      case 'empty':
        return '목록에 행이 없어 아무도 호출하지 않았습니다.';
      case 'done':
        return `정상적으로 처리되었습니다. 전체 ${rows}행: ${ends}.`;
      case 'settled':
        return `완료되었으며 남은 조치가 없습니다. 전체 ${rows}행: ${ends}.`;
      case 'partial':
        return `완료되었으나 등록되지 않은 행이 있습니다. 전체 ${rows}행: ${ends}.`;
    }
  },
  ends: {
    enrolledNow: (count) => `등록 ${count}행`,
    enrolledBefore: (count) => `이전에 등록됨 ${count}행`,
    needSomebody: (count) => `조치 필요 ${count}행`,
    comeAgain: (count) => `자동 재호출 예정 ${count}행`,
    notCalled: (count) => `결과 없음 ${count}행`,
    settled: (count) => `담당자 종결 ${count}행`,
    duplicates: (count) => `중복 ${count}행`,
  },
  join: ', ',
  number: (count) => count.toLocaleString('ko-KR'),
};

const byLanguage: Readonly<Record<Language, VerdictTexts>> = { ko: korean, en: english };

export function tellVerdict(verdict: Verdict, language: Language): ToldVerdict {
  const texts = byLanguage[language];
  const ends = endNames.flatMap((name) =>
    verdict[name] === 0 ? [] : [texts.ends[name](texts.number(verdict[name]))],
  );
  return {
    sign: texts.signs[verdict.kind],
    sentence: texts.sentence(verdict.kind, texts.number(verdict.rows), ends.join(texts.join)),
  };
}

const endNames = [
  'enrolledNow',
  'enrolledBefore',
  'needSomebody',
  'comeAgain',
  'notCalled',
  'settled',
  'duplicates',
] as const satisfies (keyof RowEnds)[];
