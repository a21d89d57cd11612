import type { PauseReason } from '../../dispatch/progress/dispatch-progress.ts';
import type { Language } from '../../domain/language.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { formatDuration } from './duration-words.ts';

/** The words for a run's progress. Texts that a narrow line shortens come in several forms, longest first. */
export interface ProgressWords {
  readonly locale: string;
  readonly running: string;
  readonly canary: readonly string[];
  readonly slowed: (to: string) => string;
  readonly atOnce: (calls: number) => string;
  readonly paused: (until: string, left: string, why: PauseReason) => readonly string[];
  readonly speed: (perSecond: string, allowed: string | null) => readonly string[];
  readonly waiting: (records: number) => readonly string[];
  readonly latency: (p50Ms: string, p99Ms: string) => readonly string[];
  readonly ends: (time: string, left: string) => readonly string[];
  readonly stops: (time: string, left: number) => readonly string[];
  readonly duration: (seconds: number) => string;
}

const pausesEnglish: Readonly<Record<PauseReason, string>> = {
  blackout: 'blackout',
  throttled: 'provider asks',
  breaker: 'no answers',
  person: 'somebody paused it',
  ledger: 'waits for the ledger',
};

const english: ProgressWords = {
  locale: 'en-GB',
  running: 'running',
  canary: ['canary: the first are weighed', 'canary'],
  slowed: (to) => `slowed to ${to}`,
  atOnce: (calls) => `${calls} at once`,
  paused: (until, left, why) => [
    `paused until ${until} (${left}): ${pausesEnglish[why]}`,
    `paused until ${until}: ${pausesEnglish[why]}`,
    `paused until ${until}`,
  ],
  speed: (perSecond, allowed) =>
    allowed === null
      ? [`${perSecond} calls/s`, `${perSecond}/s`]
      : [`${perSecond} calls/s of ${allowed}`, `${perSecond} of ${allowed}`, `${perSecond}/s`],
  waiting: (records) => [`${records} wait to be repeated`, `${records} wait`],
  latency: (p50Ms, p99Ms) => [`p50 ${p50Ms} ms, p99 ${p99Ms} ms`, `p99 ${p99Ms} ms`],
  ends: (time, left) => [`ETA ${time} (${left})`, `ETA ${time}`],
  stops: (time, left) => [`stops at ${time} with about ${left} left`, `stops at ${time}`],
  duration: formatDuration,
};

const pausesKorean: Readonly<Record<PauseReason, string>> = {
  blackout: '호출 금지 시간대',
  throttled: '제공사 요청',
  breaker: '제공사 응답 없음',
  person: '담당자가 멈춤',
  ledger: '원장 응답 대기',
};

const korean: ProgressWords = {
  locale: 'ko-KR',
  running: '진행 중',
  canary: ['먼저 호출한 건의 결과를 확인하는 중'],
  slowed: (to) => `속도를 ${to}(으)로 낮춤`,
  atOnce: (calls) => `동시 ${calls}건`,
  paused: (until, left, why) => [`${until}까지 멈춤(${left} 남음): ${pausesKorean[why]}`],
  speed: (perSecond, allowed) => [`초당 ${perSecond}건 호출${allowed === null ? '' : `(한도 ${allowed})`}`],
  waiting: (records) => [`${records}건 재호출 대기`],
  latency: (p50Ms, p99Ms) => [`응답 시간 50% ${p50Ms}ms 이내, 99% ${p99Ms}ms 이내`],
  ends: (time, left) => [`${time} 종료 예정(${left} 남음)`],
  stops: (time, left) => [`${time}에 멈춤(약 ${left}건 남음)`],
  duration: (seconds) => createFormats('ko', 'UTC').duration(seconds * 1_000),
};

export const progressWords: Readonly<Record<Language, ProgressWords>> = { en: english, ko: korean };
