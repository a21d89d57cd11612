import type { RejectedRow } from '../../ledger/runs/reported-rows.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { html } from '../../report/html/html.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';
import { drawRejectedRows } from './rejected-rows.ts';

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
