/** What a report can be written in. */
export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * One message in both languages. English is what `--json`, the log and the ledger keep; Korean is shown under it to people
 * who asked for it (`--lang ko`, or `report.language: ko` in the job file).
 */
export interface Words {
  readonly en: string;
  readonly ko: string;
}

const BETWEEN_LANGUAGES = ' | ';

/**
 * The half of a message that is written in English and then in Korean. A column's name with the sign between them in it
 * stands in both halves.
 */
export function halfInLanguage(message: string, language: Language): string {
  const parts = message.split(BETWEEN_LANGUAGES);
  if (parts.length % 2 === 1) return message;
  const half = parts.length / 2;
  return parts.slice(...(language === 'en' ? [0, half] : [half])).join(BETWEEN_LANGUAGES);
}
