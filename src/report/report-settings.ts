import { z } from 'zod';
import { parseRunSettings } from '../config/run-settings.ts';
import { isTimeZone } from '../config/job-file/setting-schemas.ts';
import { languages, type Language } from '../domain/language.ts';
import { dayOf } from '../domain/time/calendar-day.ts';
import { USUAL_TIME_ZONE } from '../domain/time/wall-time.ts';

/** The settings of a run that its report needs. */
export interface ReportSettings {
  /** retry.nights, which decides who must act. */
  readonly nightsLimit: number;
  readonly language: Language;
  /** The time zone in which people are shown times. */
  readonly timeZone: string;
  /** Directory as it was written; a relative one starts at the working folder. */
  readonly directory: string;
}

/** Values for settings of other versions that lack them: the program's behaviour before they could be chosen. */
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
 * Reads the settings kept with a run. Those of another version of the program are used as far as they can be read;
 * `said` is then one sentence with what the report was written under, else null. Never throws.
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

/** Returns the time zone in which people are shown a run's times. */
export function zoneOfRun({ settings, id }: OfRun): string {
  return readReportSettings(settings, id).settings.timeZone;
}

/** Returns the day of an instant in the run's time zone. */
export function dayOfRun(run: OfRun, instant: Date): string {
  return dayOf(instant, zoneOfRun(run));
}
