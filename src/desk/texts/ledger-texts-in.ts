import type { Language } from '../../domain/language.ts';
import { englishLedgerTexts } from './ledger-texts-en.ts';
import { koreanLedgerTexts } from './ledger-texts-ko.ts';
import type { LedgerTexts } from './ledger-texts.ts';

const byLanguage: Readonly<Record<Language, LedgerTexts>> = { ko: koreanLedgerTexts, en: englishLedgerTexts };

export function ledgerTextsIn(language: Language): LedgerTexts {
  return byLanguage[language];
}
