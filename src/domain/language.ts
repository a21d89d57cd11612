/** The languages a report can be written in. */
export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * One message in both languages. `--json`, the log and the ledger keep the English; Korean is shown below it to
 * people who asked for it (`--lang ko`, or `report.language: ko` in the job file).
 */
export interface Words {
  readonly en: string;
  readonly ko: string;
}
