import type { Language } from '../../domain/language.ts';

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
