import type { Language } from '../../domain/language.ts';
import type { ReportFacts } from '../report-facts.ts';
import type { Formats } from '../texts/formats.ts';
import type { PageTexts } from '../texts/page-texts.ts';
import type { RecordTexts } from '../texts/record-texts.ts';

/** Everything that the parts of the page are drawn from. */
export interface PageContent {
  readonly language: Language;
  readonly facts: ReportFacts;
  readonly words: RecordTexts;
  readonly page: PageTexts;
  readonly formats: Formats;
}
