import type { Language } from '../../domain/language.ts';
import { englishDeskTexts } from './desk-texts-en.ts';
import { koreanDeskTexts } from './desk-texts-ko.ts';
import type { DeskTexts } from './desk-texts.ts';

const byLanguage: Readonly<Record<Language, DeskTexts>> = { ko: koreanDeskTexts, en: englishDeskTexts };

export function deskTextsIn(language: Language): DeskTexts {
  return byLanguage[language];
}
