import { createHash } from 'node:crypto';
import { z } from 'zod';
import { refused, valid, type Checked } from './checked.ts';
import type { Environment } from './environment.ts';
import type { Flag } from './flags/flag.ts';
import { settingFlags } from './flags/flag-table.ts';
import type { CheckedFlags } from './flags/flags.ts';
import type { JobFile } from './job-file/job-file-schema.ts';
import { listSettingsOf, storedListSchema } from './job-file/list-settings.ts';
import { resolveProviderSettings } from './provider/provider-settings.ts';
import { providerSettings } from './settings/provider-setting-table.ts';
import {
  guardSettings,
  jobSettings,
  limitSettings,
  nightSettings,
  reportSettings,
  retrySettings,
  verifySettings,
  windowSettings,
} from './settings/setting-table.ts';
import { keepSection, keptShape, type DeepReadonly, type Section } from './settings/setting.ts';

/** Settings saved by versions that allowed only one rate. */
function severalRates(limits: unknown): unknown {
  if (typeof limits !== 'object' || limits === null || !('rate' in limits)) return limits;
  const { rate, ...others } = limits;
  return { ...others, rates: [rate] };
}

function kept<S extends Section>(settings: S) {
  return z.strictObject(keptShape(settings));
}

const storedSchema = z.strictObject({
  version: z.literal(1),
  ...keptShape(jobSettings),
  list: storedListSchema,
  provider: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sandbox') }),
    z.strictObject({ kind: z.literal('konaplate'), ...keptShape(providerSettings) }),
  ]),
  /** The provider's name, which is part of every record's key. */
  providerName: z.string().min(1),
  limits: z.preprocess(severalRates, kept(limitSettings)),
  retry: kept(retrySettings),
  ...keptShape(nightSettings),
  // Settings of older versions lack these three sections.
  verify: kept(verifySettings).prefault({}),
  windows: kept(windowSettings).prefault({}),
  guards: kept(guardSettings).prefault({}),
  report: kept(reportSettings),
});

/**
 * The effective settings of a run, kept with it: without secrets, as JSON, and complete enough to call again later.
 * Paths are kept as they were written and start at the working folder of the reader.
 */
export type RunSettings = DeepReadonly<z.output<typeof storedSchema>>;

export type RunSettingsDraft = Omit<RunSettings, 'providerName'>;

/** The number or share of failures above which a run stops. */
export type FailureLimit = RunSettings['guards']['maxFailures'];

/**
 * Returns the settings of a job file with the flags applied. The job file must hold nothing that is not implemented.
 */
export function settingsOfJobFile(
  jobFile: JobFile,
  flags: CheckedFlags,
  environment: Environment,
): Checked<RunSettingsDraft> {
  const provider = resolveProviderSettings(jobFile.provider, environment);
  if (provider.kind === 'refused') return provider;
  const list = listSettingsOf(jobFile, flags);
  if (list.kind === 'refused') return list;
  const settings: RunSettingsDraft = {
    version: 1,
    ...keepSection(jobSettings, jobFile),
    list: list.value,
    provider: provider.value,
    limits: keepSection(limitSettings, jobFile.limits),
    retry: keepSection(retrySettings, jobFile.retry),
    verify: keepSection(verifySettings, jobFile.verify),
    ...keepSection(nightSettings, jobFile.windows),
    windows: keepSection(windowSettings, jobFile.windows),
    guards: keepSection(guardSettings, jobFile.guards),
    report: keepSection(reportSettings, jobFile.report),
  };
  return valid(overrideByFlags(settings, flags));
}

/** Applies the flags that override a setting; the settings for reading the list stay as they are. */
export function overrideByFlags<T extends RunSettingsDraft>(settings: T, flags: CheckedFlags): T {
  const overridden = { limits: { ...settings.limits }, report: { ...settings.report } };
  for (const [key, { over }] of Object.entries<Flag>(settingFlags)) {
    const value = flags[key as keyof CheckedFlags];
    if (over === undefined || over.section === 'list' || value === null) continue;
    Object.assign(overridden[over.section], ...over.settings.map((one) => one.keep(value)));
  }
  return { ...settings, ...overridden };
}

/** Reads settings that the ledger has kept. */
export function parseRunSettings(stored: unknown): Checked<RunSettings> {
  const parsed = storedSchema.safeParse(stored);
  if (parsed.success) return valid(parsed.data);
  const places = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || 'all of it');
  return refused(`the settings kept with this run can't be read by this version: ${places.join(', ')}`);
}

/** Names settings without telling them: a plan, and its approval, hold for those they were made under. */
export function hashOfSettings({ settings }: { readonly settings: RunSettings }): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}
