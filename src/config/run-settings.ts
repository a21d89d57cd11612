import { z } from 'zod';
import { languages, type Language } from '../domain/language.ts';
import { givenOutcomes, type GivenOutcome } from '../domain/provider-code.ts';
import { refused, valid, type Checked } from './checked.ts';
import type { CheckedFlags } from './flags.ts';
import type { JobFile } from './job-file/job-file-schema.ts';
import { resolveProviderSettings, type ProviderSettings } from './provider/provider-settings.ts';
import type { Environment } from './environment.ts';
import type { RateLimit } from './job-file/rate-limit.ts';
import { contentEncryptions, DEFAULT_KEEP_MS } from './job-file/setting-schemas.ts';
import { storedWindowsSchema, type WindowSettings } from './job-file/window-settings.ts';
import { listSettingsOf, storedListSchema, type ListSettings } from './job-file/list-settings.ts';

export type OutcomeOverrides = Readonly<Record<string, GivenOutcome>>;

/** More failures than this stop the run. */
export type FailureLimit =
  { readonly kind: 'share'; readonly percent: number } | { readonly kind: 'count'; readonly count: number };

/**
 * The effective settings of a run, kept with it: without secrets, and complete enough to call again later.
 * JSON-able. Paths stand as they were written and start at the working folder of whoever uses them.
 */
export interface RunSettings {
  readonly version: 1;
  readonly job: string;
  readonly list: ListSettings;
  readonly provider: ProviderSettings;
  /** The provider's name in every record's key. */
  readonly providerName: string;
  readonly limits: {
    /** One at least; all of them hold at once, no unit twice. */
    readonly rates: readonly RateLimit[];
    /** Calls that may leave together; all others are spread. */
    readonly burst: number;
    /** Records in flight at any instant. */
    readonly concurrency: number;
    readonly timeoutMs: number;
    /** Slower by itself while the provider is in trouble. */
    readonly adaptive: boolean;
    /** Calls in one night at most; null: as many as there are. */
    readonly maxCalls: number | null;
  };
  readonly retry: {
    /** Calls for a record in one run. */
    readonly attempts: number;
    readonly backoffMinMs: number;
    readonly backoffMaxMs: number;
    /** Nights on which a record comes again by itself. */
    readonly nights: number;
  };
  /** Ambiguous answers and conflicts are settled by asking for the member's plans. */
  readonly verify: {
    readonly enabled: boolean;
    /** Of the plans inquiry, whose encryption is a property of its own at the provider; null: as the provider's. */
    readonly encryption: 'required' | 'off' | null;
  };
  /** In which a night runs from noon to noon, and the windows are meant. */
  readonly timeZone: string;
  readonly windows: WindowSettings;
  readonly outcomes: OutcomeOverrides;
  readonly guards: {
    /** Records called and weighed before the rest; 0: none. */
    readonly canary: number;
    readonly maxFailures: FailureLimit;
    /** Calls with a code that is not in the table, before the run stops. */
    readonly maxUnknownCodes: number;
    /** How much larger or smaller than usual a list may be unasked, in per cent of the usual; null: as it likes. */
    readonly listSizePercent: number | null;
  };
  readonly report: {
    readonly directory: string;
    readonly language: Language;
    /** After how long `purge` forgets the run, where it is not told. */
    readonly keepMs: number;
  };
}

export type RunSettingsDraft = Omit<RunSettings, 'providerName'>;

/** The job file with the flags over it. The job file is expected to hold nothing that is not built. */
export function settingsOfJobFile(
  jobFile: JobFile,
  flags: CheckedFlags,
  environment: Environment,
): Checked<RunSettingsDraft> {
  const provider = resolveProviderSettings(jobFile.provider, environment);
  if (provider.kind === 'refused') return provider;
  const list = listSettingsOf(jobFile, flags);
  if (list.kind === 'refused') return list;
  const { limits, retry, verify, windows, outcomes, guards, report } = jobFile;
  const settings: RunSettingsDraft = {
    version: 1,
    job: jobFile.job,
    list: list.value,
    provider: provider.value,
    limits: {
      rates: limits.rate,
      burst: limits.burst,
      concurrency: limits.concurrency,
      timeoutMs: limits.timeout,
      adaptive: limits.adaptive,
      maxCalls: limits.maxCalls ?? null,
    },
    retry: {
      attempts: retry.attempts,
      backoffMinMs: retry.backoff.minMs,
      backoffMaxMs: retry.backoff.maxMs,
      nights: retry.nights,
    },
    verify: { enabled: verify.enabled, encryption: verify.encryption ?? null },
    timeZone: windows.timeZone,
    windows: { blackout: windows.blackout ?? [], stopAt: windows.stopAt ?? null },
    outcomes,
    guards: {
      canary: guards.canary,
      maxFailures: failureLimitOf(guards.maxFailures),
      maxUnknownCodes: guards.maxUnknownCodes,
      listSizePercent: guards.listSize === 'off' ? null : percentOf(guards.listSize),
    },
    report: { directory: report.directory, language: report.language, keepMs: report.keep },
  };
  return valid(overrideByFlags(settings, flags));
}

function failureLimitOf(written: string | number): FailureLimit {
  return typeof written === 'number'
    ? { kind: 'count', count: written }
    : { kind: 'share', percent: percentOf(written) };
}

function percentOf(share: string): number {
  return Number(share.replace('%', ''));
}

/** Limits and report folder by flag; what says how to read the list is left alone. */
export function overrideByFlags<T extends RunSettingsDraft>(settings: T, flags: CheckedFlags): T {
  const { limits, report } = settings;
  return {
    ...settings,
    limits: {
      ...limits,
      rates: flags.rates ?? limits.rates,
      concurrency: flags.concurrency ?? limits.concurrency,
    },
    report: {
      directory: flags.reports ?? report.directory,
      language: flags.language ?? report.language,
      keepMs: report.keepMs,
    },
  };
}

const count = z.int().min(1);
const code = z.string().regex(/^[0-9]{3}_[0-9]{3}$/);

/** Runs of before there could be several have one rate. */
function severalRates(limits: unknown): unknown {
  if (typeof limits !== 'object' || limits === null || !('rate' in limits)) return limits;
  const { rate, ...others } = limits;
  return { ...others, rates: [rate] };
}

const storedSchema = z.strictObject({
  version: z.literal(1),
  job: z.string().min(1),
  list: storedListSchema,
  provider: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sandbox') }),
    z.strictObject({
      kind: z.literal('konaplate'),
      name: z.string().nullable(),
      baseUrl: z.url(),
      timeZone: z.enum(['KST', 'UTC']),
      encryption: z.enum(['required', 'off']),
      // Runs of before there was a choice have none.
      contentEncryption: z.enum(contentEncryptions).default('A128GCM'),
      correlationEcho: z.enum(['check', 'ignore']).default('check'),
    }),
  ]),
  providerName: z.string().min(1),
  limits: z.preprocess(
    severalRates,
    z.strictObject({
      rates: z.array(z.strictObject({ count, windowMs: count, unit: z.enum(['s', 'min', 'day']) })).min(1),
      // Settings saved by versions that did not spread calls.
      burst: count.default(1),
      concurrency: count,
      timeoutMs: count,
      adaptive: z.boolean().default(false),
      maxCalls: count.nullable().default(null),
    }),
  ),
  retry: z.strictObject({ attempts: count, backoffMinMs: count, backoffMaxMs: count, nights: count }),
  // Settings saved by versions that had no such choice say nothing of it.
  verify: z
    .strictObject({
      enabled: z.boolean().default(false),
      encryption: z.enum(['required', 'off']).nullable().default(null),
    })
    .prefault({}),
  timeZone: z.string().min(1),
  windows: storedWindowsSchema,
  outcomes: z.record(code, z.enum(givenOutcomes)),
  // Runs of before there was a guard have none.
  guards: z
    .strictObject({
      canary: z.int().min(0).default(0),
      maxFailures: z
        .discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('share'), percent: z.int().min(0).max(100) }),
          z.strictObject({ kind: z.literal('count'), count: z.int().min(0) }),
        ])
        .default({ kind: 'share', percent: 100 }),
      maxUnknownCodes: z.int().min(0).default(1_000_000_000),
      listSizePercent: count.nullable().default(null),
    })
    .prefault({}),
  // Runs of before there was a choice have English reports, and are kept as long as is usual.
  report: z.strictObject({
    directory: z.string().min(1),
    language: z.enum(languages).default('en'),
    keepMs: count.default(DEFAULT_KEEP_MS),
  }),
});

/** Settings as the ledger gives them back. */
export function parseRunSettings(stored: unknown): Checked<RunSettings> {
  const parsed = storedSchema.safeParse(stored);
  if (parsed.success) return valid(parsed.data);
  const places = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || 'all of it');
  return refused(`the settings kept with this run can't be read by this version: ${places.join(', ')}`);
}
