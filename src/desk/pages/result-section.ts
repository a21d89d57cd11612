import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { UploadRow } from '../../ledger/desk/upload-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createPageContent, drawDetails, drawHead } from '../../report/html/page.ts';
import { drawVerdict } from '../../report/html/verdict-section.ts';
import { tellEnd } from '../../report/texts/cause-texts.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import type { RunResultFacts } from '../uploads/read-result.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawActions, drawButton, type PageFrame } from './desk-page.ts';
import { drawFiles, type ResultFiles } from './files-section.ts';
import { drawRejectedLink } from './rejected-page.ts';

/** Draws how the run ended, as report.html tells it, its files, and what to do about its failures. */
export function drawResult(
  frame: PageFrame,
  upload: UploadRow,
  { result, files }: { readonly result: RunResultFacts; readonly files: ResultFiles },
): Html {
  const { language } = frame;
  const { facts, timeZone, isPurged } = result;
  const content = createPageContent(facts, { language, timeZone });
  return html`<div class="paper">${drawHead(content)}</div>
    ${drawVerdict(content)} ${drawGoOn(frame, upload, facts.run.state)}
    ${drawFiles(frame, { address: `/uploads/${upload.id}`, files, isPurged, handsBack: true })}
    ${drawRejectedLink(frame, facts.run.id, facts.classes.rejected)} ${drawDetails(content)}
    <p class="soft screen">${ledgerTextsIn(language).run.folder(content.formats.dateTime(result.at))}</p>
    <p class="paper">${content.page.masked}</p>`;
}

function drawGoOn(frame: PageFrame, { id }: UploadRow, state: string): Html | null {
  const { texts } = frame;
  if (state === 'complete' || state === 'superseded') return null;
  return html`<p class="screen">${texts.result.goOnHelp}</p>
    ${drawActions(frame, drawButton(frame, `/uploads/${id}/start`, texts.result.goOn))}`;
}

/** Draws why an upload has no run, what that asks for, and a button that tries again. */
export function drawNoRun(frame: PageFrame, upload: UploadRow): Html {
  const { texts, language } = frame;
  const { exit_cause: exitCause, exit_reason: reason, refusal } = upload;
  const cause = tellEnd({ state: 'stopped', exitCause }, language);
  const own = language === 'ko' ? (refusal?.ko ?? null) : reason;
  return html`<div class="verdict bad">
      <p>${texts.result.noRun} ${cause}</p>
      ${own === null ? null : html`<p>${maskIdsInText(own)}</p>`}
    </div>
    ${own === null && reason !== null ? html`<p class="soft">${pageTextsIn(language).reason} <span lang="en">${maskIdsInText(reason)}</span></p>` : null}
    ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/start`, texts.result.goOn))}`;
}
