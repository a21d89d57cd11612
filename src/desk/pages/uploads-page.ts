import type { UploadRow } from '../../ledger/desk/upload-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { drawDeskPage, isForUploader, type PageFrame } from './desk-page.ts';

export const MOST_UPLOADS = 100;

/** Draws all uploads, newest first. */
export function drawUploadsPage(frame: PageFrame, uploads: readonly UploadRow[]): string {
  const { texts, language } = frame;
  const words = texts.uploads;
  const list =
    uploads.length === 0
      ? html`<p>${words.none}</p>`
      : html`<table class="stack">
          <thead>
            <tr>
              <th scope="col">${words.file}</th>
              <th scope="col">${words.state}</th>
              <th scope="col">${words.kind}</th>
              <th scope="col">${words.at}</th>
              <th scope="col">${words.by}</th>
            </tr>
          </thead>
          <tbody>
            ${uploads.map((upload) => drawUpload(upload, frame))}
          </tbody>
        </table>`;
  const isCut = uploads.length === MOST_UPLOADS;
  const most = createFormats(language, 'UTC').number(MOST_UPLOADS);
  return drawDeskPage(frame, {
    heading: words.heading,
    content: html`${isForUploader(frame) ? html`<p><a class="button" href="/uploads/new">${words.new}</a></p>` : null}
    ${list} ${isCut ? html`<p class="soft">${words.more(most)}</p>` : null}`,
  });
}

function drawUpload(upload: UploadRow, { texts, language, zoneOf }: PageFrame): Html {
  const words = texts.uploads;
  const formats = createFormats(language, zoneOf(upload.job));
  return html`<tr>
    <th scope="row"><a href="/uploads/${upload.id}">${upload.file_name}</a></th>
    <td data-label="${words.state}">${texts.states[upload.state]}</td>
    <td data-label="${words.kind}">${upload.job}</td>
    <td data-label="${words.at}">${formats.dateTime(upload.uploaded_at)}</td>
    <td data-label="${words.by}">${upload.uploaded_by}</td>
  </tr>`;
}
