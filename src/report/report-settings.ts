import { z } from 'zod';
import { parseRunSettings } from '../config/run-settings.ts';
import { isTimeZone } from '../config/job-file/setting-schemas.ts';
import { languages, type Language } from '../domain/language.ts';
import { dayOf } from '../domain/time/calendar-day.ts';
import { USUAL_TIME_ZONE } from '../domain/time/wall-time.ts';

/** What a run's report needs of the settings it ran under. */
export interface ReportSettings {
  /** retry.nights, for who must act. */
  readonly nightsLimit: number;
  readonly language: Language;
  /** In which times are told to people. */
  readonly timeZone: string;
  /** As it was written: relative ones start at the working folder. */
  readonly directory: string;
}

/** What holds where settings of another version don't say it: as the program had it before it could be chosen. */
const assumed = { nights: 14, language: 'en', timeZone: USUAL_TIME_ZONE, directory: 'runs' } as const;

const report = { language: assumed.language, directory: assumed.directory };
const lenient = z
  .object({
    retry: z.object({ nights: z.int().min(1).catch(assumed.nights) }).catch({ nights: assumed.nights }),
    report: z
      .object({
        language: z.enum(languages).catch(assumed.language),
        directory: z.string().min(1).catch(assumed.directory),
      })
      .catch(report),
    timeZone: z.string().refine(isTimeZone).catch(assumed.timeZone),
  })
  .catch({ retry: { nights: assumed.nights }, report, timeZone: assumed.timeZone });

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

function pick({
  retry,
  report: { language, directory },
  timeZone,
}: {
  readonly retry: { readonly nights: number };
  readonly report: { readonly language: Language; readonly directory: string };
  readonly timeZone: string;
}): ReportSettings {
  return { nightsLimit: retry.nights, language, timeZone, directory };
}

interface OfRun {
  readonly id: string;
  readonly settings: unknown;
}

/** In which a run's times are told to people. */
export function zoneOfRun({ settings, id }: OfRun): string {
  return readReportSettings(settings, id).settings.timeZone;
}

/** The day an instant belongs to where the run's times are told. */
export function dayOfRun(run: OfRun, instant: Date): string {
  return dayOf(instant, zoneOfRun(run));
}
