import { html } from '../../report/html/html.ts';
import { LARGEST_UPLOAD_BYTES, LARGEST_UPLOAD_WORDS } from '../uploads/upload-limits.ts';
import { drawDeskPage, drawToken, type PageFrame } from './desk-page.ts';

/**
 * Draws the page on which a person chooses a list. It works without a script; with the script a list can be dropped,
 * and its size is checked before it is sent.
 */
export function drawNewUploadPage(frame: PageFrame, kinds: readonly string[]): string {
  const { texts } = frame;
  const words = texts.upload;
  const kind =
    kinds.length === 1
      ? html`<p>
          ${words.kind}: <b>${kinds[0] ?? ''}</b><input type="hidden" name="kind" value="${kinds[0] ?? ''}" />
        </p>`
      : html`<p>
          <label for="kind">${words.kind}</label>
          <select id="kind" name="kind">
            ${kinds.map((name) => html`<option value="${name}">${name}</option>`)}
          </select>
        </p>`;
  return drawDeskPage(frame, {
    heading: words.heading,
    content: html`<form
      method="post"
      action="/uploads"
      enctype="multipart/form-data"
      data-largest="${LARGEST_UPLOAD_BYTES}"
      data-too-large="${texts.problems.too_large}"
      data-sending="${words.sending}"
    >
      ${drawToken(frame)} ${kind}
      <div class="drop">
        <label for="file">${words.file}</label>
        <input id="file" name="file" type="file" required accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xls" />
        <p class="soft">${words.drop}</p>
      </div>
      <p class="soft">${words.limits(LARGEST_UPLOAD_WORDS)}</p>
      <p role="alert" class="wrong" data-problem></p>
      <p><button>${words.send}</button></p>
      <p class="soft">${words.after}</p>
    </form>`,
  });
}
