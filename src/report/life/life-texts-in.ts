import type { Language } from '../../domain/language.ts';
import { englishLifeTexts } from './life-texts-en.ts';
import { koreanLifeTexts } from './life-texts-ko.ts';
import type { LifeTexts } from './life-texts.ts';

const byLanguage: Readonly<Record<Language, LifeTexts>> = { ko: koreanLifeTexts, en: englishLifeTexts };

export function lifeTextsIn(language: Language): LifeTexts {
  return byLanguage[language];
}
