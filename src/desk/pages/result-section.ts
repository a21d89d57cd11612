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
import { drawButton, drawToken, type PageFrame } from './desk-page.ts';

/** The names of the files in the run's folder on this machine; null where there is no such folder. */
export type ResultFiles = readonly string[] | null;

/** Draws how the run ended, as report.html tells it, its files, and what to do about its failures. */
export function drawResult(
  frame: PageFrame,
  upload: UploadRow,
  { result, files }: { readonly result: RunResultFacts; readonly files: ResultFiles },
): Html {
  const { language, texts } = frame;
  const { facts, timeZone, isPurged } = result;
  const content: PageContent = {
    language,
    facts,
    words: recordTextsIn(language),
    page: pageTextsIn(language),
    formats: createFormats(language, timeZone),
  };
  const isReported = files?.includes('report.html') === true;
  return html`${drawVerdict(content)} ${drawGoOn(frame, upload, facts.run.state)}
  ${isReported ? html`<p class="actions"><a class="button" href="/uploads/${upload.id}/report">${texts.result.report}</a></p>` : null}
  ${isPurged ? html`<p>${texts.result.purged}</p>` : drawFiles(frame, upload, files)} ${drawTotals(content)}
  ${drawClasses(content)} ${drawRejections(content, language)}`;
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

function drawFiles(frame: PageFrame, { id }: UploadRow, files: ResultFiles): Html {
  const { texts } = frame;
  const words = texts.result;
  if (files === null)
    return html`<h2>${words.files}</h2>
      <p>${words.noFolder}</p>`;
  const offered = Object.entries(words.kinds).filter(([name]) => files.includes(name));
  return html`<h2>${words.files}</h2>
    <p>${words.wholeIds}</p>
    <form method="post" action="/uploads/${id}/files" class="download">
      ${drawToken(frame)}
      <p>
        <label for="name">${words.file}</label>
        <select id="name" name="name">
          ${offered.map(([name, what]) => html`<option value="${name}">${name} – ${what}</option>`)}
        </select>
      </p>
      <p>
        <label for="reason">${words.reason}</label>
        <input
          id="reason"
          name="reason"
          type="text"
          required
          minlength="3"
          maxlength="500"
          autocomplete="off"
          aria-describedby="reason-help"
        />
        <small id="reason-help">${words.reasonHelp}</small>
      </p>
      <p><button>${words.download}</button></p>
    </form>
    ${files.includes('failed.xlsx') ? html`<p>${words.handBack} <a href="/uploads/new">${texts.uploads.new}</a></p>` : null}`;
}
