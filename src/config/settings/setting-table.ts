import { z } from 'zod';
import { JOB_NAME } from '../../domain/identity/run-id.ts';
import { languages } from '../../domain/language.ts';
import { givenOutcomes, whyNotGiven } from '../../domain/provider-code.ts';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import {
  backoff,
  cronLine,
  duration,
  oneOf,
  rates,
  text,
  timeZoneName,
  wholeNumber,
  yesOrNo,
} from '../job-file/setting-schemas.ts';
import { BLACKOUT, parseBlackout, parseClockTime, STOP_AT } from '../job-file/call-hours-settings.ts';
import { setting } from './setting.ts';

// Each setting has one entry: everything that the job file, its JSON Schema, the settings kept with a run, the
// overriding flags and docs/job-file.md know about it. `provider` and `list` have files of their own.

/** Age at which `purge` forgets a run where nothing else is set: 90 days. */
export const DEFAULT_KEEP_MS = 90 * 86_400_000;

const count = z.int().min(1);
const minuteOfDay = z.int().min(0).max(1439);

export const limitSettings = {
  rate: setting({
    help: 'calls allowed per s, min or day; several limits apply together: "20/s, 600/min, 100000/day"',
    written: rates().prefault('20/s'),
    kept: {
      rates: z.array(z.strictObject({ count, windowMs: count, unit: z.enum(['s', 'min', 'day']) })).min(1),
    },
    keep: (limits) => ({ rates: limits }),
  }),
  burst: setting({
    help: 'how many calls may leave at the same moment; all others are spread over the second',
    written: wholeNumber(1, 1_000_000).prefault(1),
    kept: { burst: count.default(1) },
    keep: (burst) => ({ burst }),
  }),
  concurrency: setting({
    help: 'at most so many records in flight',
    written: wholeNumber(1, 1000).prefault(16),
    kept: { concurrency: count },
    keep: (concurrency) => ({ concurrency }),
  }),
  timeout: setting({
    help: 'deadline of one call, from connecting to the last byte of the answer',
    written: duration('100ms', '10m').prefault('10s'),
    kept: { timeoutMs: count },
    keep: (timeoutMs) => ({ timeoutMs }),
  }),
  adaptive: setting({
    help: 'the run slows down automatically while the provider has trouble',
    written: yesOrNo().prefault(true),
    kept: { adaptive: z.boolean().default(false) },
    keep: (adaptive) => ({ adaptive }),
  }),
  maxCalls: setting({
    help: 'at most so many calls of the job in one night',
    example: 200_000,
    written: wholeNumber(1, 1_000_000_000).optional(),
    kept: { maxCalls: count.nullable().default(null) },
    keep: (maxCalls) => ({ maxCalls: maxCalls ?? null }),
  }),
};

export const retrySettings = {
  attempts: setting({
    help: 'at most so many calls for one record in one run',
    written: wholeNumber(1, 100).prefault(5),
    kept: { attempts: count },
    keep: (attempts) => ({ attempts }),
  }),
  backoff: setting({
    help: 'shortest and longest wait before a record is called again',
    written: backoff().prefault('1s..60s'),
    kept: { backoffMinMs: count, backoffMaxMs: count },
    keep: ({ minMs, maxMs }) => ({ backoffMinMs: minMs, backoffMaxMs: maxMs }),
  }),
  nights: setting({
    help: 'for how many nights a failed record is called again automatically',
    written: wholeNumber(1, 366).prefault(14),
    kept: { nights: count },
    keep: (nights) => ({ nights }),
  }),
};

export const verifySettings = {
  enabled: setting({
    help: 'true: ambiguous answers and conflicts are decided by asking the provider for the member’s plans',
    written: yesOrNo().prefault(false),
    kept: { enabled: z.boolean().default(false) },
    keep: (enabled) => ({ enabled }),
  }),
  encryption: setting({
    help: 'encryption of the plans inquiry only; without it as provider.encryption',
    example: 'off',
    written: oneOf(['required', 'off']).optional(),
    kept: { encryption: z.enum(['required', 'off']).nullable().default(null) },
    keep: (encryption) => ({ encryption: encryption ?? null }),
  }),
};

export const windowSettings = {
  blackout: setting({
    help: 'no calls in these hours: the run pauses and continues automatically',
    example: ['23:30-00:30'],
    written: z
      .array(
        text('a window such as 23:30-00:30', BLACKOUT)
          .transform(parseBlackout)
          .refine(
            ({ start, end }) => start !== end,
            'expected a window that ends at another time than it begins',
          ),
        { error: 'expected a list of windows such as ["23:30-00:30"]' },
      )
      .optional(),
    kept: { blackout: z.array(z.strictObject({ start: minuteOfDay, end: minuteOfDay })).default([]) },
    keep: (blackout) => ({ blackout: blackout ?? [] }),
  }),
  stopAt: setting({
    help: 'the run ends at this time of day (exit 6), and the next night continues',
    example: '05:30',
    written: text('a time such as 05:30', STOP_AT).transform(parseClockTime).optional(),
    kept: { stopAt: minuteOfDay.nullable().default(null) },
    keep: (stopAt) => ({ stopAt: stopAt ?? null }),
  }),
};

/** Stands under `windows` in the job file, and separately in the kept settings. */
export const nightSettings = {
  timeZone: setting({
    help: 'time zone of the windows, of nights (noon to noon) and of the times shown',
    written: timeZoneName().prefault(USUAL_TIME_ZONE),
    kept: { timeZone: z.string().min(1) },
    keep: (timeZone) => ({ timeZone }),
  }),
};

export const guardSettings = {
  canary: setting({
    help: 'this many records are called and checked before the rest; 0: none',
    written: wholeNumber(0, 100_000).prefault(20),
    kept: { canary: z.int().min(0).default(0) },
    keep: (canary) => ({ canary }),
  }),
  maxFailures: setting({
    help: 'more failures than this stop the run: a share, or a number of records',
    written: z
      .union([text('a share such as 5%', /^(?:100|[0-9]{1,2})%$/), wholeNumber(0, 1_000_000_000)], {
        error: 'expected a share such as 5%, or a whole number',
      })
      .prefault('5%'),
    kept: {
      maxFailures: z
        .discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('share'), percent: z.int().min(0).max(100) }),
          z.strictObject({ kind: z.literal('count'), count: z.int().min(0) }),
        ])
        .default({ kind: 'share', percent: 100 }),
    },
    keep: (limit) => ({
      maxFailures:
        typeof limit === 'number'
          ? ({ kind: 'count', count: limit } as const)
          : ({ kind: 'share', percent: percentOf(limit) } as const),
    }),
  }),
  maxUnknownCodes: setting({
    help: 'more calls than this with an unknown code stop the run',
    written: wholeNumber(0, 1_000_000_000).prefault(20),
    kept: { maxUnknownCodes: z.int().min(0).default(1_000_000_000) },
    keep: (maxUnknownCodes) => ({ maxUnknownCodes }),
  }),
  newlyFailing: setting({
    help: 'the run stops if more than this share of earlier successes is refused when called again tonight; or off',
    written: z
      .union([z.literal('off'), text('a share such as 10%', /^(?:100|[0-9]{1,2})%$/)], {
        error: 'expected a share such as 10%, or off',
      })
      .prefault('10%'),
    kept: { newlyFailingPercent: count.nullable().default(null) },
    keep: (share) => ({ newlyFailingPercent: share === 'off' ? null : percentOf(share) }),
  }),
  listSize: setting({
    help: 'a list that is larger or smaller than usual by more than this needs --yes; or off',
    written: z
      .union([z.literal('off'), text('a share such as 50%', /^[1-9][0-9]{0,3}%$/)], {
        error: 'expected a share such as 50%, or off',
      })
      .prefault('50%'),
    kept: { listSizePercent: count.nullable().default(null) },
    keep: (share) => ({ listSizePercent: share === 'off' ? null : percentOf(share) }),
  }),
};

export const reportSettings = {
  directory: setting({
    help: 'folder for the run folders; a relative path starts at the working folder',
    written: text('a folder').prefault('runs'),
    kept: { directory: z.string().min(1) },
    keep: (directory) => ({ directory }),
  }),
  language: setting({
    help: 'language of the report: ko or en',
    written: oneOf(languages).prefault('ko'),
    kept: { language: z.enum(languages).default('en') },
    keep: (language) => ({ language }),
  }),
  keep: setting({
    help: 'the age at which purge forgets a run',
    written: duration('1d', '3650d').prefault('90d'),
    kept: { keepMs: count.default(DEFAULT_KEEP_MS) },
    keep: (keepMs) => ({ keepMs }),
  }),
};

/** Keys without a section. */
export const jobSettings = {
  job: setting({
    help: 'name of the job: 1 to 64 of a-z, 0-9 and -',
    written: text('1 to 64 of a-z, 0-9 and -', JOB_NAME),
    kept: { job: z.string().min(1) },
    keep: (job) => ({ job }),
  }),
  outcomes: setting({
    help: '"999_999": bad_data gives a provider code another class',
    written: z
      .record(
        text(
          'codes such as "999_999", other than 000_000 and 007_017',
          /^(?!000_000|007_017)[0-9]{3}_[0-9]{3}$/,
        ),
        oneOf(givenOutcomes),
      )
      .superRefine((given, context) => {
        for (const [code, outcome] of Object.entries(given)) {
          const why = whyNotGiven(code, outcome);
          if (why !== null) context.addIssue({ code: 'custom', path: [code], message: why });
        }
      })
      .prefault({}),
    kept: { outcomes: z.record(z.string().regex(/^[0-9]{3}_[0-9]{3}$/), z.enum(givenOutcomes)) },
    keep: (outcomes) => ({ outcomes }),
  }),
};

/** Settings of where metrics are written. They are not kept with a run, because they concern only this machine. */
export const metricSettings = {
  textfile: setting({
    help: 'a text file for node-exporter, written whole after each start: docs/operations/metrics.md. Ends in .prom',
    example: '/var/lib/node_exporter/kona_enroll.prom',
    written: text('the path of a file that ends in .prom', /\.prom$/).optional(),
    kept: {},
    keep: () => ({}),
  }),
};

/** Settings for starts that no person makes. */
export const startSettings = {
  schedule: setting({
    help: 'when `serve` starts the job: a cron line in windows.timeZone, such as "0 1 * * *"',
    example: '0 1 * * *',
    written: cronLine().optional(),
    kept: {},
    keep: () => ({}),
  }),
};

/** What the upload desk of `serve` does with the job. Nothing of it is kept with a run. */
export const deskSettings = {
  upload: setting({
    help: 'true: people may upload lists for this job at the desk of `serve`: docs/desk.md',
    written: yesOrNo().prefault(false),
    kept: {},
    keep: () => ({}),
  }),
};

function percentOf(share: string): number {
  return Number(share.replace('%', ''));
}
