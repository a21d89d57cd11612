import path from 'node:path';

/** What decides where a run's folder is, in addition to the run's own settings. */
export interface ReportsPlace {
  /** Absolute path at which relative directories start. */
  readonly cwd: string;
  /** `--reports`, which overrides the settings of every run; null: not given. */
  readonly flag: string | null;
}

/**
 * Returns the absolute directory of a run's folder. Everybody uses it: the run's own process, the one that supersedes
 * it, `report`, `report --verify` and `purge`. `directory` is report.directory of the run's settings.
 */
export function reportsDirectoryOf(directory: string, { cwd, flag }: ReportsPlace): string {
  return path.resolve(cwd, flag ?? directory);
}
