import { z } from 'zod';
import { refused, valid, type Checked } from './checked.ts';
import type { CheckedFlags } from './flags.ts';
import { overridableClasses, type JobFile } from './job-file-schema.ts';
import { resolveProviderSettings, type ProviderSettings } from './provider-settings.ts';
import type { Environment } from './environment.ts';
import type { RateLimit } from './rate-limit.ts';
import { contentEncryptions } from './setting-schemas.ts';

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
  readonly report: { readonly directory: string };
}

export interface ListSettings {
  /** A path or a glob. */
  readonly csv: string;
  readonly encoding: 'auto' | 'utf-8';
  /** Headers; null: found by name. */
  readonly columns: { readonly userId: string | null; readonly par: string | null };
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
  const list = listSettings(jobFile, flags);
  if (list.kind === 'refused') return list;
  const [fileRate] = jobFile.limits.rate;
  if (fileRate === undefined) return refused('limits.rate: expected a rate such as 20/s');
  const { limits, retry, verify, windows, outcomes, report } = jobFile;
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

function listSettings({ list }: JobFile, flags: CheckedFlags): Checked<ListSettings> {
  const userId = flags.userIdHeader ?? headerOf(list.columns.userId);
  const par = flags.parHeader ?? headerOf(list.columns.par);
  if (userId !== null && userId === par) return refused('list.columns: one header for two fields');
  const encoding = flags.encoding ?? (list.encoding === 'utf-8' ? 'utf-8' : 'auto');
  if (list.csv === undefined) return refused('list.csv: is missing');
  return valid({ csv: list.csv, encoding, columns: { userId, par } });
}

function headerOf(column: string | number): string | null {
  return column === 'auto' ? null : String(column);
}

const header = z.string().min(1).nullable();
const count = z.int().min(1);
const code = z.string().regex(/^[0-9]{3}_[0-9]{3}$/);

const storedSchema = z.strictObject({
  version: z.literal(1),
  job: z.string().min(1),
  list: z.strictObject({
    csv: z.string().min(1),
    encoding: z.enum(['auto', 'utf-8']),
    columns: z.strictObject({ userId: header, par: header }),
  }),
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
  report: z.strictObject({ directory: z.string().min(1) }),
});

/** Settings as the ledger gives them back. */
export function parseRunSettings(stored: unknown): Checked<RunSettings> {
  const parsed = storedSchema.safeParse(stored);
  if (parsed.success) return valid(parsed.data);
  const places = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || 'all of it');
  return refused(`the settings kept with this run can't be read by this version: ${places.join(', ')}`);
}
