import type { Language } from '../../domain/language.ts';
import { languages } from '../../domain/language.ts';

/**
 * Returns the language the person chose, else the language the browser prefers among those the desk speaks, else the
 * language of the reports.
 */
export function languageOf(
  chosen: string | undefined,
  acceptLanguage: string | undefined,
  ofReports: Language,
): Language {
  return findLanguage(chosen) ?? preferredLanguage(acceptLanguage ?? '') ?? ofReports;
}

export function findLanguage(text: string | undefined): Language | null {
  return languages.find((language) => language === text) ?? null;
}

function preferredLanguage(header: string): Language | null {
  const ranges = header.split(',').map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { language: findLanguage(tag.split('-')[0]), weight: weight === undefined ? 1 : Number(weight) };
  });
  const wanted = ranges.filter(({ language, weight }) => language !== null && weight > 0);
  return wanted.toSorted((a, b) => b.weight - a.weight)[0]?.language ?? null;
}
