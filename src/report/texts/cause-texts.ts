import type { ExitCause } from '../../domain/exit-cause.ts';
import type { Language } from '../../domain/language.ts';
import type { RunState } from '../../domain/run-state.ts';

/**
 * What happened to a run and what must be done because of it, one or two sentences each; null where rows and verdict
 * say everything.
 */
interface EndTexts {
  readonly what: string | null;
  readonly next: string | null;
}

type CauseTexts = Readonly<Record<ExitCause, EndTexts>>;

const SAID_BY_ROWS: EndTexts = { what: null, next: null };
const SAME_COMMAND = 'Start the same command again; it goes on from here.';

const english: CauseTexts = {
  done: SAID_BY_ROWS,
  nothing_due: { what: 'No record had to be called.', next: null },
  empty_list: SAID_BY_ROWS,
  not_enrolled: SAID_BY_ROWS,
  unclear: SAID_BY_ROWS,
  usage: { what: null, next: 'Correct the command, the job file or the environment.' },
  list_refused: { what: 'Nobody was called.', next: 'Correct the list where it comes from.' },
  limit: { what: null, next: SAME_COMMAND },
  stop_at: { what: 'The time to stop came.', next: SAME_COMMAND },
  max_calls: {
    what: "The night's calls are used up.",
    next: "Nothing now: the next night's start goes on from here.",
  },
  day_limit: {
    what: "The day's calls are used up.",
    next: "Nothing now: the next day's start goes on from here.",
  },
  canary: {
    what: 'Most of the records called first failed.',
    next: 'Check that it is the right list and the right provider, then start the same command again.',
  },
  max_failures: {
    what: 'Too many records failed.',
    next: 'Look at the classes and codes of the rows, then start the same command again.',
  },
  unknown_codes: {
    what: 'The provider answers with unknown codes.',
    next: 'A developer gives the unknown codes a class in the job file (outcomes), then the same command continues.',
  },
  newly_failing: {
    what: 'Too many records fail that did not fail the night before.',
    next: 'Look at the codes of the rows, then start the same command again.',
  },
  clock: {
    what: "This machine's clock and the provider's are more than 5 minutes apart.",
    next: "Put this machine's clock right (NTP), then start the same command again.",
  },
  credentials: {
    what: 'The provider refuses our credentials.',
    next: 'Correct the credentials with the provider, then start the same command again.',
  },
  wrong_setup: {
    what: 'The provider refuses our calls because of our set-up.',
    next: 'Check key id, keys, address and certificates as the reason says, then start the same command again.',
  },
  wrong_address: {
    what: 'The address of the provider is wrong.',
    next: 'Correct KONA_BASE_URL, then start the same command again.',
  },
  provider_silent: {
    what: 'The provider gives no answer we can read.',
    next: 'Ask the provider; once it is back start the same command again.',
  },
  throttled: {
    what: 'The provider answered nothing but "too many requests" (429).',
    next: 'Ask the provider what rate it allows and set limits.rate to it, then start the same command again.',
  },
  ledger_gone: {
    what: 'Our database was not available.',
    next: 'Repair the database, then start the same command again.',
  },
  source_gone: {
    what: 'The database of the list was not available.',
    next: "Repair the list's database, then start the same command again.",
  },
  folder: {
    what: 'A folder or file of ours could not be written or read.',
    next: 'Free some space or give the right to write, then start the same command again.',
  },
  held: { what: 'Another process is working on this job.', next: null },
  overtaken: { what: 'Another process took this run over and continues it.', next: null },
  signal: { what: 'A person or the system stopped it.', next: SAME_COMMAND },
  totals: { what: null, next: 'Stop further runs of this job and report it.' },
  bug: { what: 'A fault of the program.', next: 'Report it with its text.' },
};

const SAME_COMMAND_KO = '다시 실행하면 이어서 처리합니다.';

const korean: CauseTexts = {
  done: SAID_BY_ROWS,
  nothing_due: { what: '호출할 대상이 없었습니다.', next: null },
  empty_list: SAID_BY_ROWS,
  not_enrolled: SAID_BY_ROWS,
  unclear: SAID_BY_ROWS,
  usage: { what: null, next: '명령, 작업 파일 또는 환경 설정을 바로잡아 주십시오.' },
  list_refused: { what: '아무도 호출하지 않았습니다.', next: '목록을 만든 곳에서 바로잡아 주십시오.' },
  limit: { what: null, next: SAME_COMMAND_KO },
  stop_at: { what: '정해진 종료 시각이 되었습니다.', next: SAME_COMMAND_KO },
  max_calls: {
    what: '오늘 밤에 허용된 호출을 모두 사용했습니다.',
    next: '지금 할 일은 없으며, 다음 날 밤 실행에서 이어서 처리합니다.',
  },
  day_limit: {
    what: '하루에 허용된 호출을 모두 사용했습니다.',
    next: '지금 할 일은 없으며, 다음 날 실행에서 이어서 처리합니다.',
  },
  canary: {
    what: '먼저 호출한 건의 절반 이상이 실패했습니다.',
    next: '목록과 제공사가 맞는지 확인한 뒤 다시 실행해 주십시오.',
  },
  max_failures: {
    what: '실패한 건이 너무 많습니다.',
    next: '행의 분류와 코드를 확인한 뒤 다시 실행해 주십시오.',
  },
  unknown_codes: {
    what: '제공사가 알 수 없는 코드로 응답합니다.',
    next: '개발자가 알 수 없는 코드의 분류를 작업 파일(outcomes)에서 정한 뒤 다시 실행하면 이어서 처리합니다.',
  },
  newly_failing: {
    what: '전날에는 문제가 없던 건이 너무 많이 실패했습니다.',
    next: '행의 코드를 확인한 뒤 다시 실행해 주십시오.',
  },
  clock: {
    what: '이 장비의 시계가 제공사의 시계와 5분 넘게 차이 납니다.',
    next: '이 장비의 시계(NTP)를 바로잡은 뒤 다시 실행해 주십시오.',
  },
  credentials: {
    what: '제공사가 인증 정보를 거부했습니다.',
    next: '인증 정보를 제공사와 확인하여 바로잡은 뒤 다시 실행해 주십시오.',
  },
  wrong_setup: {
    what: '제공사가 현재 설정으로 보낸 요청을 거부했습니다.',
    next: '사유에 적힌 대로 키 ID, 키, 주소, 인증서를 확인한 뒤 다시 실행해 주십시오.',
  },
  wrong_address: {
    what: '제공사 주소가 잘못되었습니다.',
    next: 'KONA_BASE_URL을 바로잡은 뒤 다시 실행해 주십시오.',
  },
  provider_silent: {
    what: '제공사가 읽을 수 있는 응답을 하지 않습니다.',
    next: '제공사에 확인하고, 복구된 뒤 다시 실행해 주십시오.',
  },
  throttled: {
    what: '제공사가 요청 과다(429)로만 응답했습니다.',
    next: '허용 속도를 제공사에 확인하여 limits.rate에 정한 뒤 다시 실행해 주십시오.',
  },
  ledger_gone: {
    what: '당사 데이터베이스를 사용할 수 없었습니다.',
    next: '데이터베이스를 복구한 뒤 다시 실행해 주십시오.',
  },
  source_gone: {
    what: '목록을 읽는 데이터베이스를 사용할 수 없었습니다.',
    next: '목록의 데이터베이스를 복구한 뒤 다시 실행해 주십시오.',
  },
  folder: {
    what: '당사의 폴더나 파일을 쓰거나 읽을 수 없었습니다.',
    next: '공간이나 권한을 확보한 뒤 다시 실행해 주십시오.',
  },
  held: { what: '다른 프로세스가 이 작업을 진행하고 있습니다.', next: null },
  overtaken: { what: '다른 프로세스가 이 실행을 넘겨받아 진행하고 있습니다.', next: null },
  signal: { what: '사람이나 시스템이 중단했습니다.', next: SAME_COMMAND_KO },
  totals: { what: null, next: '이 작업의 실행을 멈추고 즉시 알려 주십시오.' },
  bug: { what: '프로그램의 결함입니다.', next: '오류 내용과 함께 알려 주십시오.' },
};

const byLanguage: Readonly<Record<Language, CauseTexts>> = { ko: korean, en: english };

/** The end of a run, with the facts that tell why it ended. */
export interface ToldEnd {
  readonly state: RunState;
  readonly exitCause: ExitCause | null;
}

/** Returns why the run ended and what to do about it; null where verdict and rows say everything. */
export function tellEnd(end: ToldEnd, language: Language): string | null {
  const { what, next } = textsOf(end, language);
  const said = [what, next].filter((part) => part !== null);
  return said.length === 0 ? null : said.join(' ');
}

/** Returns only the second half: what to repair first, and what to do then. */
export function tellNext(end: ToldEnd, language: Language): string | null {
  return textsOf(end, language).next;
}

/** Returns the texts of an end. A run that another list has closed is never continued; its verdict says so. */
function textsOf({ state, exitCause }: ToldEnd, language: Language): EndTexts {
  return exitCause === null || state === 'superseded' ? SAID_BY_ROWS : byLanguage[language][exitCause];
}
