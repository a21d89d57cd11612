import type { Language } from '../../domain/language.ts';
import type { RecordTexts } from './record-texts.ts';
import { englishRecordTexts } from './record-texts-en.ts';
import { koreanRecordTexts } from './record-texts-ko.ts';

const byLanguage: Readonly<Record<Language, RecordTexts>> = { ko: koreanRecordTexts, en: englishRecordTexts };

export function recordTextsIn(language: Language): RecordTexts {
  return byLanguage[language];
}
