import type { Language } from '../../domain/language.ts';
import type { PageTexts } from './page-texts.ts';
import { englishPageTexts } from './page-texts-en.ts';
import { koreanPageTexts } from './page-texts-ko.ts';

const byLanguage: Readonly<Record<Language, PageTexts>> = { ko: koreanPageTexts, en: englishPageTexts };

export function pageTextsIn(language: Language): PageTexts {
  return byLanguage[language];
}
