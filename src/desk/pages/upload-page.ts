import type { UploadRow } from '../../ledger/desk/upload-table.ts';
import { html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { drawFacts } from '../../report/html/run-section.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';

/** One upload: what it is and where it stands. */
export function drawUploadPage(frame: PageFrame, upload: UploadRow): string {
  const { texts, language, zoneOf } = frame;
  const formats = createFormats(language, zoneOf(upload.job));
  const words = texts.uploads;
  return drawDeskPage(frame, {
    heading: upload.file_name,
    content: drawFacts([
      [words.state, texts.states[upload.state]],
      [words.kind, upload.job],
      [words.at, formats.dateTime(upload.uploaded_at)],
      [words.by, upload.uploaded_by],
      [texts.facts.bytes, formats.number(Number(upload.bytes))],
      [texts.facts.hash, html`<code>${upload.sha256}</code>`],
    ]),
  });
}
