import type { Language } from '../../domain/language.ts';
import { USUAL_TIME_ZONE, zonedTime } from '../../domain/time/wall-time.ts';
import type { PauseEvent } from '../../ledger/pause-notice-table.ts';

/** A pause, as the sentences about it name it. */
export interface ToldPause {
  readonly event: PauseEvent;
  readonly provider: string;
  readonly by: string;
  readonly note: string | null;
  readonly from: Date;
  readonly until: Date;
  /** Null: its time was up. */
  readonly resumedBy: string | null;
}

interface PauseWords {
  readonly title: string;
  readonly what: string;
  readonly next: string;
}

type PauseTexts = Readonly<Record<PauseEvent, (pause: ToldPause) => PauseWords>>;

const english: PauseTexts = {
  paused: ({ provider, by, note, until }) => ({
    title: `calls to ${provider} wait until ${shownTime(until)}`,
    what: `${by} has paused the provider until ${shownTime(until)}${note === null ? '' : `: ${note}`}.`,
    next: `Nothing to do: every run on the ledger waits, which costs no call and no night, and goes on by itself. Earlier: kona-enroll resume --provider "${provider}"`,
  }),
  resumed: ({ provider, by, from, until, resumedBy }) => ({
    title: `calls to ${provider} go on`,
    what: `The pause of ${by}, from ${shownTime(from)}, is over since ${shownTime(until)}: ${resumedBy === null ? 'its time was up' : `${resumedBy} resumed it`}.`,
    next: 'Nothing to do: runs that waited go on by themselves.',
  }),
};

const korean: PauseTexts = {
  paused: ({ provider, by, note, until }) => ({
    title: `${provider} 호출을 ${shownTime(until)}까지 멈춥니다`,
    what: `${by} 님이 ${shownTime(until)}까지 호출을 일시 중지했습니다${note === null ? '' : `: ${note}`}.`,
    next: `조치 불필요: 이 원장의 모든 실행이 호출 없이 기다렸다가 자동으로 이어집니다. 더 일찍 재개하려면: kona-enroll resume --provider "${provider}"`,
  }),
  resumed: ({ provider, by, from, until, resumedBy }) => ({
    title: `${provider} 호출을 재개합니다`,
    what: `${by} 님이 ${shownTime(from)}에 시작한 일시 중지가 ${shownTime(until)}에 끝났습니다: ${resumedBy === null ? '정한 시간이 지났습니다' : `${resumedBy} 님이 재개했습니다`}.`,
    next: '조치 불필요: 기다리던 실행이 자동으로 이어집니다.',
  }),
};

const byLanguage: Readonly<Record<Language, PauseTexts>> = { ko: korean, en: english };

export function tellPause(pause: ToldPause, language: Language): PauseWords {
  return byLanguage[language][pause.event](pause);
}

function shownTime(time: Date): string {
  return zonedTime(time, USUAL_TIME_ZONE);
}
