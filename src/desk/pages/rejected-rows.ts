import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Rejection, RejectionReason } from '../../domain/rejection/rejection.ts';
import { tellRejection, type KeptRejection } from '../../domain/rejection/rejection-words.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import type { PageFrame } from './desk-page.ts';

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
