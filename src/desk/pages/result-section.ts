import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { UploadRow } from '../../ledger/desk/upload-table.ts';
import { drawClasses } from '../../report/html/classes-section.ts';
import { html, type Html } from '../../report/html/html.ts';
import type { PageContent } from '../../report/html/page-content.ts';
import { drawRejections } from '../../report/html/rejections-section.ts';
import { drawTotals } from '../../report/html/totals-section.ts';
import { drawVerdict } from '../../report/html/verdict-section.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import type { RunResultFacts } from '../uploads/read-result.ts';
import { drawButton, type PageFrame } from './desk-page.ts';
import { drawFiles, type ResultFiles } from './files-section.ts';

/** Draws how the run ended, as report.html tells it, its files, and what to do about its failures. */
export function drawResult(
  frame: PageFrame,
  upload: UploadRow,
  { result, files }: { readonly result: RunResultFacts; readonly files: ResultFiles },
): Html {
  const { language } = frame;
  const { facts, timeZone, isPurged } = result;
  const content: PageContent = {
    language,
    facts,
    words: recordTextsIn(language),
    page: pageTextsIn(language),
    formats: createFormats(language, timeZone),
  };
  return html`${drawVerdict(content)} ${drawGoOn(frame, upload, facts.run.state)}
  ${drawFiles(frame, { address: `/uploads/${upload.id}`, files, isPurged, handsBack: true })}
  ${drawTotals(content)} ${drawClasses(content)} ${drawRejections(content, language)}`;
}

function drawGoOn(frame: PageFrame, { id }: UploadRow, state: string): Html | null {
  const { texts } = frame;
  if (state === 'complete' || state === 'superseded') return null;
  return html`<p>${texts.result.goOnHelp}</p>
    <div class="actions">${drawButton(frame, `/uploads/${id}/start`, texts.result.goOn)}</div>`;
}

/** Draws why an upload has no run, and a button that tries again. */
export function drawNoRun(frame: PageFrame, upload: UploadRow): Html {
  const { texts, language } = frame;
  return html`<div class="verdict bad">
      <p>${texts.result.noRun} <span lang="en">${maskIdsInText(upload.exit_reason ?? '')}</span></p>
      ${language === 'en' ? null : html`<p class="soft">${texts.refused.englishOnly}</p>`}
    </div>
    <div class="actions">${drawButton(frame, `/uploads/${upload.id}/start`, texts.result.goOn)}</div>`;
}
