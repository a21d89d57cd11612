import { maskIdsInText } from '../../domain/identity/masking.ts';
import { type KeptRejection, tellRejection } from '../../domain/rejection/rejection-words.ts';
import type { Rejection, RejectionReason } from '../../domain/rejection/rejection.ts';
import type { RejectedRow } from '../../ledger/runs/reported-rows.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { type Html, html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { type PageFrame, drawDeskPage } from './desk-page.ts';

export const REJECTED_A_PAGE = 50;

export interface RejectedPage {
  /** Contains one row more than a page shows where there are further ones. */
  readonly rows: readonly RejectedRow[];
  /** The number of the row before the first of these; 0 where they are the first. */
  readonly after: number;
}

/** Draws the rejected rows of a run in the order of its list: line, column, fault and remedy. Cells are masked. */
export function drawRejectedPage(frame: PageFrame, run: RunRow, { rows, after }: RejectedPage): string {
  const { language } = frame;
  const words = ledgerTextsIn(language).rejected;
  const shown = rows.slice(0, REJECTED_A_PAGE);
  const last = rows.length > REJECTED_A_PAGE ? shown.at(-1) : undefined;
  const none = after === 0 ? pageTextsIn(language).rejections.none : words.noMore;
  const at = `/runs/${run.id}/rejected`;
  return drawDeskPage(frame, {
    heading: words.heading(run.list_name),
    content: html`${
        shown.length === 0
          ? html`<p>${none}</p>`
          : html`<p>${words.correct}</p>
              ${drawRejectedRows(frame, shown)}`
      }
      <p class="actions">
        <a href="/runs/${run.id}">${words.back}</a>
        ${after === 0 ? null : html`<a href="${at}">${words.first}</a>`}
        ${last === undefined ? null : html`<a href="${at}?after=${last.row_no}">${words.more}</a>`}
      </p>`,
  });
}

/** A rejected row as a plan or the ledger keeps it. */
interface ShownRow extends KeptRejection {
  readonly line: number;
  readonly reason: RejectionReason;
}

/** Draws rejected rows: line, column, fault and remedy. Cells are masked. */
export function drawRejectedRows({ language }: Pick<PageFrame, 'language'>, rows: readonly ShownRow[]): Html {
  const words = ledgerTextsIn(language).rejected;
  const { reasons } = recordTextsIn(language);
  const formats = createFormats(language, 'UTC');
  return html`<table class="stack">
    <thead>
      <tr>
        <th scope="col" class="word">${words.line}</th>
        <th scope="col" class="word">${words.column}</th>
        <th scope="col">${words.wrong}</th>
        <th scope="col">${words.whole}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row" data-label="${words.line}">${formats.number(row.line)}</th>
            <td data-label="${words.column}">${columnOf(row.rejection)}</td>
            <td data-label="${words.wrong}">${reasons[row.reason]}</td>
            <td data-label="${words.whole}">${maskIdsInText(tellRejection(row, language))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * Masks the header of a column, because it is text of the list and may contain an id. Returns null where the rejection
 * concerns the whole row, or was not stored.
 */
function columnOf(rejection: Rejection | null): string | null {
  return rejection !== null && 'column' in rejection ? maskIdsInText(rejection.column) : null;
}

/** Draws a link to all rejected rows of a run, because its report shows only the first lines of each reason. */
export function drawRejectedLink(
  { language }: Pick<PageFrame, 'language'>,
  runId: string,
  rejected: number,
): Html | null {
  if (rejected === 0) return null;
  const rows = createFormats(language, 'UTC').number(rejected);
  return html`<p class="actions">
    <a href="/runs/${runId}/rejected">${ledgerTextsIn(language).rejected.all(rows)}</a>
  </p>`;
}
