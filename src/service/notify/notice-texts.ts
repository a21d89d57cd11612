import { USUAL_TIME_ZONE, zonedTimeOfText } from '../../domain/time/wall-time.ts';
import type { Urgency } from '../../domain/exit-cause.ts';
import type { Language } from '../../domain/language.ts';
import { tellEnd } from '../../report/texts/cause-texts.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import type { NewsReason } from './decide-news.ts';
import type { Notice } from './notice.ts';
import { tellPause, type ToldPause } from './pause-texts.ts';
import type { UnmadeStart } from './start-news.ts';
import { tellStart } from './start-texts.ts';

/** A notice for people. */
export interface ToldNotice {
  /** The subject, on one line. */
  readonly subject: string;
  readonly lines: readonly string[];
}

interface NoticeTexts {
  readonly well: string;
  readonly urgencies: Readonly<Record<Urgency, string>>;
  readonly reasons: Readonly<Record<NewsReason, string>>;
  readonly because: string;
  readonly mustAct: string;
  readonly failures: string;
  readonly newCodes: string;
  readonly moreRuns: (count: number) => string;
  /** `note`: the person's words with their introduction; empty: none. */
  readonly paused: (from: string, until: string, by: string, note: string) => string;
  readonly folder: string;
  readonly place: (host: string, provider: string) => string;
  /** The place, for a message about a start that never ended. */
  readonly tellingPlace: (host: string, provider: string) => string;
}

const english: NoticeTexts = {
  well: 'well again',
  urgencies: {
    nothing: 'nothing to do',
    tomorrow: 'continues by itself at the next start',
    today: 'somebody must look today',
    wake: 'somebody must look now',
  },
  reasons: {
    trouble: 'nobody was told of it yet',
    other_cause: 'it is not well for another reason than before',
    more_failures: 'there are more failures than when it was last told',
    still_not_well: 'it has not been well for a week since it was last told',
    well_again: 'the job was not well before',
    new_code: 'the provider answered with an unknown code',
    nights_used_up: 'there are records that no later night calls by itself any more',
    paused: 'a person has its calls wait',
    resumed: 'a pause that was told is over',
    missed_start: 'a start of the schedule did not happen',
    skipped_start: 'a start of the schedule found the job running',
    broken_off_start: 'a run that began has not ended',
    every_start: 'the job file asks for a message',
  },
  because: 'Told because',
  mustAct: 'Who must act',
  failures: 'Not enrolled',
  newCodes: 'New unknown codes',
  moreRuns: (count) => `and ${count === 1 ? '1 more run' : `${count} more runs`}`,
  paused: (from, until, by, note) => `Paused from ${from} until ${until} by ${by}${note}.`,
  folder: 'Folder',
  place: (host, provider) => `Started on ${host}, provider ${provider}.`,
  tellingPlace: (host, provider) => `Sent from ${host}, provider ${provider}.`,
};

const korean: NoticeTexts = {
  well: '정상으로 돌아왔습니다',
  urgencies: {
    nothing: '조치 불필요',
    tomorrow: '다음 실행에서 자동으로 이어집니다',
    today: '오늘 확인이 필요합니다',
    wake: '지금 바로 확인이 필요합니다',
  },
  reasons: {
    trouble: '아직 알리지 않은 문제입니다',
    other_cause: '이전과 다른 사유로 정상이 아닙니다',
    more_failures: '지난 알림보다 실패가 늘었습니다',
    still_not_well: '지난 알림 이후 일주일 동안 정상으로 돌아오지 않았습니다',
    well_again: '정상이 아니었던 작업입니다',
    new_code: '제공사가 알 수 없는 코드로 응답했습니다',
    nights_used_up: '더 이상 자동으로 호출하지 않는 건이 있습니다',
    paused: '담당자가 호출을 일시 중지했습니다',
    resumed: '알린 일시 중지가 끝났습니다',
    missed_start: '예정된 실행이 이루어지지 않았습니다',
    skipped_start: '예정된 시각에 작업이 실행 중이었습니다',
    broken_off_start: '시작한 실행이 끝나지 못했습니다',
    every_start: '작업 파일에서 매번 알리도록 정했습니다',
  },
  because: '알림 사유',
  mustAct: '조치할 담당자',
  failures: '미등록',
  newCodes: '새로운 알 수 없는 코드',
  moreRuns: (count) => `그 밖에 실행 ${count}건`,
  paused: (from, until, by, note) => `${from}부터 ${until}까지 ${by} 님이 호출을 일시 중지했습니다${note}.`,
  folder: '폴더',
  place: (host, provider) => `실행 장비 ${host}, 제공사 ${provider}.`,
  tellingPlace: (host, provider) => `알림을 보낸 장비 ${host}, 제공사 ${provider}.`,
};

const byLanguage: Readonly<Record<Language, NoticeTexts>> = { ko: korean, en: english };

/** Largest number of runs in one message; nobody reads more. */
const MOST_RUNS = 5;

export function tellNotice(notice: Notice, language: Language): ToldNotice {
  const texts = byLanguage[language];
  if (notice.start !== null) return tellUnmade(notice, notice.start, language);
  const state = notice.isWell && notice.because.includes('well_again') ? texts.well : stateOf(notice, texts);
  const code = `exit ${notice.exitCode}, ${notice.exitCause}`;
  return {
    subject: `kona-enroll: ${notice.job}: ${state} (${code})`,
    lines: [
      ...endLines(notice, language),
      ...runLines(notice, texts),
      ...notice.refusedLists.slice(0, MOST_RUNS),
      ...actLines(notice, texts, language),
      ...notice.pauses.map(({ from, until, by, note }) => {
        const [began, ended] = [from, until].map((time) => zonedTimeOfText(time, USUAL_TIME_ZONE));
        return texts.paused(began ?? '', ended ?? '', by, note === null ? '' : `: ${note}`);
      }),
      becauseLine(notice, texts),
      texts.place(notice.host, notice.provider),
    ],
  };
}

/** Formats the message about a start that did not happen as planned. */
function tellUnmade(notice: Notice, start: UnmadeStart, language: Language): ToldNotice {
  const texts = byLanguage[language];
  const { actors } = recordTextsIn(language);
  const { title, what, next } = tellStart(start, language);
  const who = notice.mustAct.map(({ actor }) => actors[actor]);
  return {
    subject: `kona-enroll: ${notice.job}: ${title} (${texts.urgencies[notice.urgency]})`,
    lines: [
      what,
      next,
      ...(who.length === 0 ? [] : [`${texts.mustAct}: ${who.join(', ')}.`]),
      becauseLine(notice, texts),
      texts.tellingPlace(notice.host, notice.provider),
    ],
  };
}

/** Of a pause that began or is over. */
export function tellPauseNotice(notice: Notice, pause: ToldPause, language: Language): ToldNotice {
  const texts = byLanguage[language];
  const { title, what, next } = tellPause(pause, language);
  return {
    subject: `kona-enroll: ${notice.job}: ${title}`,
    lines: [what, next, becauseLine(notice, texts), texts.tellingPlace(notice.host, notice.provider)],
  };
}

function becauseLine({ because }: Notice, texts: NoticeTexts): string {
  return `${texts.because}: ${because.map((reason) => texts.reasons[reason]).join('; ')}.`;
}

/** Says how the job is. A list without rows is allowed but suspicious, so somebody checks where it comes from. */
function stateOf({ urgency, exitCause, isWell }: Notice, texts: NoticeTexts): string {
  return texts.urgencies[
    !isWell && (urgency === 'nothing' || exitCause === 'empty_list') ? 'today' : urgency
  ];
}

/** Why it ended and what to do first, and the reason as the program gives it. */
function endLines({ exitCause, exitReason, runs, refusedLists }: Notice, language: Language): string[] {
  const told = exitCause === null ? null : tellEnd({ state: 'stopped', exitCause }, language);
  const isSaidByRows = told === null && runs.length > 0;
  const isSaidByLists = exitCause === 'list_refused' && refusedLists.length > 0;
  return [...(told === null ? [] : [told]), ...(isSaidByRows || isSaidByLists ? [] : [exitReason])].filter(
    (line) => line !== '',
  );
}

function runLines({ runs }: Notice, texts: NoticeTexts): string[] {
  const shown = runs
    .slice(0, MOST_RUNS)
    .flatMap(({ runId, list, verdict, folder }) => [
      `${runId} (${list}): ${verdict}`,
      `${texts.folder}: ${folder}`,
    ]);
  return runs.length > MOST_RUNS ? [...shown, texts.moreRuns(runs.length - MOST_RUNS)] : shown;
}

function actLines({ mustAct, failures, newCodes }: Notice, texts: NoticeTexts, language: Language): string[] {
  const { actors, classes } = recordTextsIn(language);
  const page = pageTextsIn(language);
  const number = (count: number): string => count.toLocaleString(language === 'ko' ? 'ko-KR' : 'en-GB');
  const who = mustAct.map(({ actor, becauseOfEnd, rows }) => {
    const why = [
      ...(becauseOfEnd ? [page.becauseOfEnd] : []),
      ...(rows > 0 ? [page.rows(number(rows))] : []),
    ];
    return `${actors[actor]} (${why.join(', ')})`;
  });
  const failed = Object.entries(failures).map(
    ([name, rows]) => `${classes[name as keyof typeof classes].name} (${number(rows)})`,
  );
  return [
    ...(who.length === 0 ? [] : [`${texts.mustAct}: ${who.join(', ')}.`]),
    ...(failed.length === 0 ? [] : [`${texts.failures}: ${failed.join(', ')}.`]),
    ...(newCodes.length === 0 ? [] : [`${texts.newCodes}: ${newCodes.join(', ')}.`]),
  ];
}
