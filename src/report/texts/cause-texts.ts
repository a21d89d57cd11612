import type { ExitCause } from '../../domain/exit-cause.ts';
import type { Language } from '../../domain/language.ts';

/** What a run's end asks for, in one sentence; null where the verdict and its rows say it all. */
type CauseTexts = Readonly<Record<ExitCause, string | null>>;

const SAME_COMMAND = 'The same command continues from here.';

const english: CauseTexts = {
  done: null,
  nothing_due: 'Nobody had to be called.',
  empty_list: null,
  not_enrolled: null,
  unclear: null,
  usage: 'Correct the command, the job file or the environment.',
  list_refused: 'Correct the list where it comes from; nobody was called.',
  limit: SAME_COMMAND,
  stop_at: `The time to stop came. ${SAME_COMMAND}`,
  max_calls: "The night's calls are used up; the next night's start continues.",
  day_limit: "The day's calls are used up; the next day's start continues.",
  canary:
    'Most of the records called first failed. Check that it is the right list and the right provider, then start the same command again.',
  max_failures:
    'Too many records failed. Look at the classes and codes below before you start the same command again.',
  unknown_codes:
    'The provider answers codes nobody knows. A developer gives them a class in the job file, then the same command continues.',
  newly_failing: 'Too many records fail that did not fail the night before. Look at the codes below first.',
  clock: "This machine's clock is wrong. Put it right, then start the same command again.",
  credentials:
    'The provider refuses our credentials. Correct them with the provider, then start the same command again.',
  wrong_setup:
    'The provider refuses what we are set up to ask. Check key id, keys, address and certificates, then start the same command again.',
  wrong_address: 'The address of the provider is wrong. Correct it, then start the same command again.',
  provider_silent: 'The provider does not answer. Ask it; once it is back the same command continues.',
  throttled:
    'The provider answered nothing but "too many requests". Ask what rate it allows; then the same command continues.',
  ledger_gone: 'Our database was not to be had. Mend it, then start the same command again.',
  source_gone: 'The database of the list was not to be had. Mend it, then start the same command again.',
  folder: 'A folder could not be written. Make room or give the right, then start the same command again.',
  held: 'Another process has the job and goes on with it.',
  overtaken: 'Another process took this run over and goes on with it.',
  signal: `Somebody stopped it. ${SAME_COMMAND}`,
  totals: 'Stop further runs of this job and report it.',
  bug: 'A fault of the program. Report it.',
};

const SAME_COMMAND_KO = '같은 명령을 다시 실행하면 이어서 처리합니다.';

const korean: CauseTexts = {
  done: null,
  nothing_due: '호출할 대상이 없었습니다.',
  empty_list: null,
  not_enrolled: null,
  unclear: null,
  usage: '명령, 작업 파일 또는 환경 설정을 바로잡아 주십시오.',
  list_refused: '목록을 만든 곳에서 바로잡아 주십시오. 아무도 호출하지 않았습니다.',
  limit: SAME_COMMAND_KO,
  stop_at: `정해진 종료 시각이 되었습니다. ${SAME_COMMAND_KO}`,
  max_calls: '오늘 밤에 허용된 호출을 모두 사용했습니다. 다음 날 밤 실행에서 이어서 처리합니다.',
  day_limit: '하루에 허용된 호출을 모두 사용했습니다. 다음 날 실행에서 이어서 처리합니다.',
  canary:
    '먼저 호출한 건의 절반 이상이 실패했습니다. 목록과 제공사가 맞는지 확인한 뒤 같은 명령을 다시 실행해 주십시오.',
  max_failures: '실패한 건이 너무 많습니다. 아래의 분류와 코드를 확인한 뒤 같은 명령을 다시 실행해 주십시오.',
  unknown_codes:
    '제공사가 알 수 없는 코드로 응답합니다. 개발자가 작업 파일에서 분류를 정한 뒤 같은 명령을 다시 실행하면 이어서 처리합니다.',
  newly_failing: '전날에는 문제가 없던 건이 너무 많이 실패했습니다. 아래의 코드를 먼저 확인해 주십시오.',
  clock: '이 장비의 시계가 맞지 않습니다. 시계를 바로잡은 뒤 같은 명령을 다시 실행해 주십시오.',
  credentials:
    '제공사가 인증 정보를 거부했습니다. 제공사와 확인하여 바로잡은 뒤 같은 명령을 다시 실행해 주십시오.',
  wrong_setup:
    '제공사가 현재 설정으로 보낸 요청을 거부했습니다. 키 ID, 키, 주소, 인증서를 확인한 뒤 같은 명령을 다시 실행해 주십시오.',
  wrong_address: '제공사 주소가 잘못되었습니다. 바로잡은 뒤 같은 명령을 다시 실행해 주십시오.',
  provider_silent:
    '제공사가 응답하지 않습니다. 제공사에 확인하고, 복구된 뒤 같은 명령을 다시 실행하면 이어서 처리합니다.',
  throttled:
    '제공사가 요청 과다(429)로만 응답했습니다. 허용 속도를 제공사에 확인한 뒤 같은 명령을 다시 실행해 주십시오.',
  ledger_gone: '당사 데이터베이스를 사용할 수 없었습니다. 복구한 뒤 같은 명령을 다시 실행해 주십시오.',
  source_gone: '목록을 읽는 데이터베이스를 사용할 수 없었습니다. 복구한 뒤 같은 명령을 다시 실행해 주십시오.',
  folder: '폴더에 쓸 수 없었습니다. 공간이나 권한을 확보한 뒤 같은 명령을 다시 실행해 주십시오.',
  held: '다른 프로세스가 이 작업을 진행하고 있습니다.',
  overtaken: '다른 프로세스가 이 실행을 넘겨받아 진행하고 있습니다.',
  signal: `사람이나 시스템이 중단했습니다. ${SAME_COMMAND_KO}`,
  totals: '이 작업의 실행을 멈추고 즉시 알려 주십시오.',
  bug: '프로그램의 결함입니다. 알려 주십시오.',
};

const byLanguage: Readonly<Record<Language, CauseTexts>> = { ko: korean, en: english };

/** Null: the end has no cause yet, or asks for nothing that the verdict does not say. */
export function tellCause(cause: ExitCause | null, language: Language): string | null {
  return cause === null ? null : byLanguage[language][cause];
}
