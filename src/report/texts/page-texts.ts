import type { Bottleneck } from '../bottleneck.ts';
import type { RunState } from '../../domain/run-state.ts';

/**
 * What the page says in addition to the words of the records. Figures are passed formatted; nothing here is escaped.
 */
export interface PageTexts {
  readonly title: string;
  readonly facts: Readonly<
    Record<'run' | 'job' | 'list' | 'provider' | 'night' | 'finished' | 'state', string>
  >;
  readonly runStates: Readonly<Record<RunState, string>>;
  readonly reason: string;
  readonly workByActor: string;
  readonly nobodysWork: string;
  /** Added where somebody must act because of how the run ended. */
  readonly becauseOfEnd: string;
  readonly rows: (count: string) => string;
  readonly totals: {
    readonly heading: string;
    readonly broken: string;
    readonly equation: string;
    readonly rowsRead: string;
    readonly check: string;
    readonly result: string;
    readonly agrees: string;
    readonly disagrees: string;
    readonly allClasses: string;
    readonly notKept: string;
    readonly noRows: (lines: { blank: string; title: string; totals: string }) => string;
  };
  readonly classes: {
    readonly heading: string;
    readonly class: string;
    readonly rows: string;
    readonly share: string;
    readonly who: string;
    readonly toDo: string;
    readonly sum: string;
    readonly nightsUsedUp: string;
    /** For rows that a gateway refused before the provider read their call. */
    readonly refused: string;
    readonly settled: string;
    /** For rows that a superseded run did not reach. */
    readonly superseded: string;
    readonly none: string;
  };
  readonly codes: {
    readonly heading: string;
    readonly code: string;
    readonly meaning: string;
    readonly message: string;
    readonly class: string;
    readonly rows: string;
    readonly noCode: (httpStatus: string | null) => string;
    readonly none: string;
    readonly more: (count: string) => string;
  };
  readonly difference: {
    readonly heading: string;
    readonly comparedWith: (runId: string, night: string) => string;
    readonly first: string;
    readonly notKept: string;
    readonly what: string;
    readonly records: string;
    readonly rows: Readonly<Record<'added' | 'gone' | 'parChanged' | 'newlyFailing' | 'cured', string>>;
    readonly stillFailing: (nights: string) => string;
  };
  readonly failing: {
    readonly heading: string;
    readonly cause: string;
    readonly records: string;
    readonly ages: string;
  };
  readonly breaks: {
    readonly heading: string;
    readonly asOf: (time: string) => string;
    readonly none: string;
    readonly kind: string;
    readonly fresh: string;
    readonly stillOpen: string;
    readonly explained: string;
    readonly gone: string;
    readonly ages: string;
    readonly toDo: string;
  };
  readonly rejections: {
    readonly heading: string;
    readonly none: string;
    readonly reason: string;
    readonly rows: string;
    readonly first: string;
    readonly line: (line: string) => string;
    readonly more: (count: string) => string;
  };
  readonly course: {
    readonly heading: string;
    readonly none: string;
    readonly chart: string;
    readonly describe: (figures: {
      calls: string;
      highest: string;
      limit: string | null;
      failures: string;
    }) => string;
    readonly perSecond: string;
    readonly legend: Readonly<Record<'answered' | 'throttled' | 'troubled' | 'limit' | 'gap', string>>;
    readonly gap: (from: string, until: string, length: string) => string;
    readonly moreGaps: (count: string) => string;
    /** `note`: the person's words; null: none. */
    readonly paused: (pause: { from: string; until: string; by: string; note: string | null }) => string;
    readonly table: string;
    readonly from: string;
    readonly columns: Readonly<Record<'calls' | 'throttled' | 'serverErrors' | 'unanswered', string>>;
    readonly width: (length: string) => string;
  };
  readonly speed: {
    readonly heading: string;
    readonly started: string;
    readonly finished: string;
    readonly whole: string;
    readonly idle: string;
    readonly calls: string;
    readonly callsValue: (calls: string, retries: string, inquiries: string) => string;
    readonly rate: string;
    readonly rateValue: (used: string, allowed: string) => string;
    readonly latency: string;
    readonly latencyValue: (p50: string, p90: string, p99: string) => string;
    readonly limitedBy: string;
    readonly program: string;
    readonly bottlenecks: Readonly<Record<Bottleneck, string>>;
    readonly learnt: string;
    readonly learntValue: (atOnce: string) => string;
  };
  readonly settings: {
    readonly heading: string;
    readonly unreadable: string;
    /** A code that ends the run, as the job file says. */
    readonly stopRun: string;
    readonly labels: Readonly<Record<SettingName, string>>;
    readonly on: string;
    readonly off: string;
    readonly none: string;
    readonly nights: (count: string) => string;
    readonly perNight: (count: string) => string;
    readonly calls: (count: string) => string;
    readonly records: (count: string) => string;
  };
  readonly hashes: {
    readonly heading: string;
    readonly list: string;
    readonly noList: string;
    readonly others: string;
  };
  readonly masked: string;
}

export const settingNames = [
  'rate',
  'concurrency',
  'timeout',
  'adaptive',
  'maxCalls',
  'attempts',
  'backoff',
  'nights',
  'verify',
  'blackout',
  'stopAt',
  'timeZone',
  'encryption',
  'canary',
  'maxFailures',
  'maxUnknownCodes',
  'newlyFailing',
  'listSize',
  'outcomes',
] as const;
export type SettingName = (typeof settingNames)[number];
