import { z } from 'zod';
import { parseRunSettings } from '../config/run-settings.ts';
import { isTimeZone } from '../config/setting-schemas.ts';
import { languages, type Language } from '../domain/language.ts';

/** What a run's report needs of the settings it ran under. */
export interface ReportSettings {
  /** retry.nights, for who must act. */
  readonly nightsLimit: number;
  readonly language: Language;
  /** In which times are told to people. */
  readonly timeZone: string;
}

/** What holds where settings of another version don't say it: as the program had it before it could be chosen. */
const assumed = { nights: 14, language: 'en', timeZone: 'Asia/Seoul' } as const;

const lenient = z
  .object({
    retry: z.object({ nights: z.int().min(1).catch(assumed.nights) }).catch({ nights: assumed.nights }),
    report: z
      .object({ language: z.enum(languages).catch(assumed.language) })
      .catch({ language: assumed.language }),
    timeZone: z.string().refine(isTimeZone).catch(assumed.timeZone),
  })
  .catch({
    retry: { nights: assumed.nights },
    report: { language: assumed.language },
    timeZone: assumed.timeZone,
  });

/**
 * Of the settings kept with a run. Those of another version of the program are taken as far as they can be read;
 * `said`: one sentence with what the report was written under then, else null. Never throws.
 */
export function readReportSettings(
  stored: unknown,
  runId: string,
): { readonly settings: ReportSettings; readonly said: string | null } {
  const whole = parseRunSettings(stored);
  if (whole.kind === 'valid') return { settings: pick(whole.value), said: null };
  const settings = pick(lenient.parse(stored));
  const { nightsLimit, language, timeZone } = settings;
  return {
    settings,
    said:
      `run ${runId} keeps settings of another version of the program; its folder is written with ` +
      `retry.nights ${nightsLimit}, report.language ${language} and times of ${timeZone}`,
  };
}

function pick(read: {
  readonly retry: { readonly nights: number };
  readonly report: { readonly language: Language };
  readonly timeZone: string;
}): ReportSettings {
  return { nightsLimit: read.retry.nights, language: read.report.language, timeZone: read.timeZone };
}
