import { rowClasses, type RowClass } from '../../domain/class.ts';
import { LONGEST_NOTE } from '../../domain/untrusted-text.ts';
import type { PlanFigures } from '../../ledger/desk/approval-table.ts';
import { isUploader, mayDecide, type UploadRow } from '../../ledger/desk/upload-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { drawActions, drawButton, drawToken, type PageFrame } from './desk-page.ts';

/** Draws what a person can do about a list that needs an approval: its uploader, an approver, or a viewer. */
export function drawApproval(frame: PageFrame, upload: UploadRow, due: number): Html {
  const { texts, person } = frame;
  const words = texts.approval;
  if (person !== null && isUploader(upload, person))
    return html`<h2>${words.heading}</h2>
      <p>${words.own}</p>
      ${drawActions(frame, drawButton(frame, `/uploads/${upload.id}/withdraw`, texts.plan.withdraw, 'plain'))}`;
  if (person?.roles.has('approver') !== true || !mayDecide(upload, person))
    return html`<h2>${words.heading}</h2>
      <p>${words.waits}</p>`;
  return html`<h2>${words.heading}</h2>
    <p>${words.asks}</p>
    ${drawDecisions(frame, upload, due)}`;
}

function drawDecisions(frame: PageFrame, upload: UploadRow, due: number): Html {
  const words = frame.texts.approval;
  const calls = createFormats(frame.language, frame.zoneOf(upload.job)).number(due);
  const planned = html`<input
    type="hidden"
    name="planned"
    value="${upload.planned_at?.toISOString() ?? ''}"
  />`;
  return html`<form method="post" action="/uploads/${upload.id}/approve" class="actions">
      ${drawToken(frame)} ${planned}
      <button class="main">${due === 0 ? words.approveNothing : words.approve(calls)}</button>
    </form>
    <form method="post" action="/uploads/${upload.id}/decline" class="download">
      ${drawToken(frame)} ${planned}
      <p>
        <label for="reason">${words.reason}</label>
        <input id="reason" name="reason" type="text" required minlength="3" maxlength="${LONGEST_NOTE}" />
      </p>
      <p><button class="plain">${words.decline}</button></p>
    </form>`;
}

/**
 * Draws why the previous approval or plan does not hold any more, with both plans by class; null where none was voided.
 */
export function drawVoided({ texts, language, zoneOf }: PageFrame, upload: UploadRow): Html | null {
  const { voided } = upload;
  if (voided === null) return null;
  const words = texts.approval;
  const { before, after, why } = voided;
  const formats = createFormats(language, zoneOf(upload.job));
  const count = (figures: PlanFigures, name: RowClass): number => figures.classes[name] ?? 0;
  const nameOf = (name: RowClass): string =>
    name === 'unprocessed' ? texts.plan.toCall : recordTextsIn(language).classes[name].name;
  const rows =
    after === null
      ? []
      : rowClasses
          .filter((name) => count(before, name) + count(after, name) > 0)
          .map((name) => ({ name, after }));
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col">${words.rows}</th>
        <th scope="col">${words.before}</th>
        <th scope="col">${words.after}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row">${nameOf(row.name)}</th>
            <td class="number">${formats.number(count(before, row.name))}</td>
            <td class="number">${formats.number(count(row.after, row.name))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
  return html`<div class="verdict bad"><p>${words.voided[why]}</p></div>
    ${rows.length === 0 ? null : table}`;
}

/** Draws who declined the upload, and why. */
export function drawDeclined({ texts }: PageFrame, upload: UploadRow): Html {
  return html`<div class="verdict bad">
      <p>${texts.approval.declined(upload.declined_by ?? '')}</p>
      <p>${upload.declined_reason ?? ''}</p>
    </div>
    <p>${texts.refused.toDo} <a href="/uploads/new">${texts.uploads.new}</a></p>`;
}
