import path from 'node:path';

/** What says where a run's folder is, beside the run's own settings. */
export interface ReportsPlace {
  /** Absolute; where relative directories start. */
  readonly cwd: string;
  /** `--reports`, instead of what the settings of any run say; null: not given. */
  readonly flag: string | null;
}

/**
 * The directory of a run's folder, absolute: where it is written by its own process, by the one that supersedes it and
 * by `report`, and where `report --verify` and `purge` look for it. `directory` is report.directory of the run's settings.
 */
export function reportsDirectoryOf(directory: string, { cwd, flag }: ReportsPlace): string {
  return path.resolve(cwd, flag ?? directory);
}
