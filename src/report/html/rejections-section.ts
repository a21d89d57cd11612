import type { Language } from '../../domain/language.ts';
import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { RejectedRows } from '../../ledger/proofs/rejected-rows.ts';
import { html, type Html } from './html.ts';
import type { PageContent } from './page-content.ts';

/** Draws the rejected rows by reason, with the first lines of each. */
export function drawRejections({ facts, words, page, formats }: PageContent, language: Language): Html {
  const texts = page.rejections;
  const heading = html`<h2>${texts.heading}</h2>`;
  if (facts.rejections.length === 0)
    return html`${heading}
      <p>${texts.none}</p>`;
  const drawReason = ({ reason, rows, first }: RejectedRows): Html => {
    const more = rows - first.length;
    const lines = first.map(
      (row) =>
        html`<li>
          <b>${texts.line(formats.number(row.line))}</b> ${maskIdsInText(tellRejection(row, language))}
        </li>`,
    );
    return html`<tr>
      <th scope="row">${words.reasons[reason]}</th>
      <td class="figure" data-label="${texts.rows}">${formats.number(rows)}</td>
      <td>
        <ul class="lines">
          ${lines}
        </ul>
        ${more === 0 ? null : html`<small>${texts.more(formats.number(more))}</small>`}
      </td>
    </tr>`;
  };
  return html`${heading}
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">${texts.reason}</th>
          <th scope="col" class="figure">${texts.rows}</th>
          <th scope="col">${texts.first}</th>
        </tr>
      </thead>
      <tbody>
        ${facts.rejections.map(drawReason)}
      </tbody>
    </table>`;
}
