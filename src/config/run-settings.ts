import { z } from 'zod';
import { refused, valid, type Checked } from './checked.ts';
import type { CheckedFlags } from './flags.ts';
import { overridableClasses, type JobFile } from './job-file-schema.ts';
import { resolveProviderSettings, type ProviderSettings } from './provider-settings.ts';
import type { Environment } from './environment.ts';
import type { RateLimit } from './rate-limit.ts';
import { contentEncryptions } from './setting-schemas.ts';
import { listSettingsOf, storedListSchema, type ListSettings } from './list-settings.ts';

export type OutcomeOverrides = Readonly<Record<string, (typeof overridableClasses)[number]>>;

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
    readonly rate: RateLimit;
    /** Records in flight at any instant. */
    readonly concurrency: number;
    readonly timeoutMs: number;
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
  readonly verify: { readonly enabled: boolean };
  /** In which a night runs from noon to noon. */
  readonly timeZone: string;
  readonly outcomes: OutcomeOverrides;
  readonly guards: {
    /** How much larger or smaller than usual a list may be unasked, in per cent of the usual; null: as it likes. */
    readonly listSizePercent: number | null;
  };
  readonly report: { readonly directory: string };
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
  const [fileRate] = jobFile.limits.rate;
  if (fileRate === undefined) return refused('limits.rate: expected a rate such as 20/s');
  const { limits, retry, verify, windows, outcomes, guards, report } = jobFile;
  const settings: RunSettingsDraft = {
    version: 1,
    job: jobFile.job,
    list: list.value,
    provider: provider.value,
    limits: { rate: fileRate, concurrency: limits.concurrency, timeoutMs: limits.timeout },
    retry: {
      attempts: retry.attempts,
      backoffMinMs: retry.backoff.minMs,
      backoffMaxMs: retry.backoff.maxMs,
      nights: retry.nights,
    },
    verify,
    timeZone: windows.timeZone,
    outcomes,
    guards: { listSizePercent: guards.listSize === 'off' ? null : Number(guards.listSize.replace('%', '')) },
    report: { directory: report.directory },
  };
  return valid(overrideByFlags(settings, flags));
}

/** Limits and report folder by flag; what says how to read the list is left alone. */
export function overrideByFlags<T extends RunSettingsDraft>(settings: T, flags: CheckedFlags): T {
  const { limits, report } = settings;
  return {
    ...settings,
    limits: {
      ...limits,
      rate: flags.rate ?? limits.rate,
      concurrency: flags.concurrency ?? limits.concurrency,
    },
    report: { ...report, directory: flags.reports ?? report.directory },
  };
}

const count = z.int().min(1);
const code = z.string().regex(/^[0-9]{3}_[0-9]{3}$/);

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
    }),
  ]),
  providerName: z.string().min(1),
  limits: z.strictObject({
    rate: z.strictObject({ count, windowMs: count, unit: z.enum(['s', 'min', 'day']) }),
    concurrency: count,
    timeoutMs: count,
  }),
  retry: z.strictObject({ attempts: count, backoffMinMs: count, backoffMaxMs: count, nights: count }),
  verify: z.strictObject({ enabled: z.boolean() }).default({ enabled: false }),
  timeZone: z.string().min(1),
  outcomes: z.record(code, z.enum(overridableClasses)),
  // Runs of before there was a guard have none.
  guards: z.strictObject({ listSizePercent: count.nullable() }).default({ listSizePercent: null }),
  report: z.strictObject({ directory: z.string().min(1) }),
});

/** Settings as the ledger gives them back. */
export function parseRunSettings(stored: unknown): Checked<RunSettings> {
  const parsed = storedSchema.safeParse(stored);
  if (parsed.success) return valid(parsed.data);
  const places = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || 'all of it');
  return refused(`the settings kept with this run can't be read by this version: ${places.join(', ')}`);
}
