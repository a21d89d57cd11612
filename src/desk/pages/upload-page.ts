import type { KeptRefusal } from '../../ledger/desk/upload-plans.ts';
import type { SameFile, UploadRow } from '../../ledger/desk/upload-table.ts';
import { html, type Fragment, type Html } from '../../report/html/html.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { createFormats } from '../../report/texts/formats.ts';
import type { LiveFigures } from '../server/desk-options.ts';
import type { RunResultFacts } from '../uploads/read-result.ts';
import { drawDeclined } from './approval-section.ts';
import { drawActions, drawButton, drawDeskPage, isForUploader, type PageFrame } from './desk-page.ts';
import { drawPlan } from './plan-section.ts';
import { ASK_AGAIN_SECONDS, drawFigures, drawLate } from './progress-section.ts';
import type { ResultFiles } from './files-section.ts';
import { drawNoRun, drawResult } from './result-section.ts';

/** A page that waits reloads itself at this pace where the browser runs no script. */
const RELOAD_SECONDS = 5;

export interface UploadContent {
  readonly upload: UploadRow;
  /** The figures of a live run; null where there are none. */
  readonly figures: LiveFigures | null;
  /** The facts of a run that has ended; null where there is no such run, 'late' while they are being read. */
  readonly result: RunResultFacts | 'late' | null;
  readonly files: ResultFiles;
  /** An earlier upload of the same file, for the page of a plan; null where there is none. */
  readonly sameFile: SameFile | null;
}

/** Draws one upload: what it is, its state, and what can be done with it now. */
export function drawUploadPage(frame: PageFrame, content: UploadContent): string {
  const { upload, result } = content;
  const { texts } = frame;
  const waits = ['received', 'asked', 'running'].includes(upload.state);
  const reloads = result === 'late' ? ASK_AGAIN_SECONDS : RELOAD_SECONDS;
  return drawDeskPage(frame, {
    heading: upload.file_name,
    ...(waits || result === 'late' ? { reloads } : {}),
    content: html`<p class="state screen">
        <b>${texts.states[upload.state]}</b>
      </p>
      ${drawState(frame, content)}
      <h2>${texts.facts.heading}</h2>
      ${drawOwnFacts(frame, upload)}
      <p class="screen"><a href="/">${texts.back}</a></p>`,
  });
}

function drawState(frame: PageFrame, { upload, figures, result, files, sameFile }: UploadContent): Fragment {
  const { texts } = frame;
  // The page tells the result of a run as long as the ledger knows the run.
  if (upload.purged_at !== null && result === null) return html`<p>${texts.result.purged}</p>`;
  switch (upload.state) {
    case 'received':
      return drawWaiting(upload, texts.waiting.received, html`<p class="soft">${texts.waiting.close}</p>`);
    case 'asked':
      return html`${drawWaiting(upload, texts.waiting.asked, html`<p class="soft">${texts.waiting.close}</p>`)}
      ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/withdraw`, texts.plan.withdraw, 'plain'))}`;
    case 'running':
      return drawWaiting(
        upload,
        texts.progress.heading,
        html`<div data-figures aria-live="polite">${drawFigures(frame, figures)}</div>
          <p class="soft">${texts.progress.close}</p>`,
      );
    case 'planned':
      return html`${drawSameFile(frame, upload, sameFile)} ${drawPlan(frame, upload)}`;
    case 'refused':
      return drawRefused(frame, upload);
    case 'ended':
      if (result === 'late') return drawLate(frame);
      return result === null ? drawNoRun(frame, upload) : drawResult(frame, upload, { result, files });
    case 'declined':
      return drawDeclined(frame, upload);
    case 'withdrawn':
      return html`<p>${texts.withdrawn}</p>`;
    case 'expired':
      return html`<p>${texts.expired}</p>
        ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/again`, texts.plan.again))}`;
  }
}

/** Draws that the same file was uploaded before, because a second start calls again whoever may be called. */
function drawSameFile(frame: PageFrame, { job }: UploadRow, same: SameFile | null): Html | null {
  if (same === null) return null;
  const { texts, language } = frame;
  const at = createFormats(language, frame.zoneOf(job)).dateTime(same.uploaded_at);
  return html`<div class="verdict warn">
    <p>${texts.plan.sameFile(same.uploaded_by, at, texts.states[same.state])}</p>
    <p><a href="/uploads/${same.id}">${texts.plan.sameFileLink}</a></p>
  </div>`;
}

/** Draws a state that changes by itself; the script follows it. */
function drawWaiting({ id, state }: UploadRow, sentence: string, more: Html): Html {
  return html`<div data-events="/uploads/${id}/events" data-state="${state}">
    <p>${sentence}</p>
    ${more}
  </div>`;
}

function drawRefused(frame: PageFrame, upload: UploadRow): Html {
  const { texts } = frame;
  const { refusal } = upload;
  if (refusal === null) return html`<p>${texts.refused.heading}</p>`;
  const pass = html`<p>${texts.refused.passed}</p>
    ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/pass`, texts.refused.pass, 'plain'))}`;
  return html`<div class="verdict bad">
      <strong><span aria-hidden="true">✕</span> ${texts.refused.heading}</strong>
    </div>
    ${drawReason(frame, refusal)}
    <p>
      ${texts.refused.toDo}
      ${isForUploader(frame) ? html`<a href="/uploads/new">${texts.uploads.new}</a>` : null}
    </p>
    ${refusal.mayPass ? pass : null}`;
}

/** Draws where the list is wrong, what is wrong there, and what to do; in one sentence where the reason has no parts. */
function drawReason({ texts, language }: PageFrame, { en, ko, parts }: KeptRefusal): Html {
  const words = texts.refused;
  if (parts !== undefined)
    return drawFacts([
      ...(parts.where === null ? [] : ([[words.where, parts.where[language]]] as const)),
      [words.what, parts.what[language]],
      [words.next, parts.toDo[language]],
      ...(parts.readAs === undefined ? [] : ([[words.readAs, parts.readAs[language]]] as const)),
    ]);
  const told = language === 'ko' ? ko : en;
  return told === null
    ? html`<p>${words.settings}</p>
        <p lang="en">${en}</p>`
    : html`<p>${told}</p>`;
}

function drawOwnFacts({ texts, language, zoneOf }: PageFrame, upload: UploadRow): Html {
  const formats = createFormats(language, zoneOf(upload.job));
  const words = texts.uploads;
  return drawFacts([
    [words.kind, upload.job],
    [words.at, formats.dateTime(upload.uploaded_at)],
    [words.by, upload.uploaded_by],
    [texts.facts.bytes, texts.facts.bytesOf(formats.number(Number(upload.bytes)))],
    [texts.facts.hash, html`<code>${upload.sha256}</code>`],
    ...(upload.approved_by === null ? [] : ([[texts.approval.by, upload.approved_by]] as const)),
    ...(upload.run_id === null ? [] : ([[texts.facts.run, drawRunLink(upload.run_id)]] as const)),
  ]);
}

function drawRunLink(runId: string): Html {
  return html`<a href="/runs/${runId}"><code>${runId}</code></a>`;
}
