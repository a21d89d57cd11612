import { LONGEST_NOTE } from '../../domain/untrusted-text.ts';
import { html, type Html } from '../../report/html/html.ts';
import { drawToken, isForUploader, type PageFrame } from './desk-page.ts';

/** The names of the files in the run's folder on this machine; null where there is no such folder. */
export type ResultFiles = readonly string[] | null;

/** The folder of a run that has ended. */
export interface RunFiles {
  /** The address of the page, of the upload or of the run, below which the files are asked for. */
  readonly address: string;
  readonly files: ResultFiles;
  /** Whether the run's personal data was deleted by age. */
  readonly isPurged: boolean;
  /** Whether corrected failures can be handed back at this desk. */
  readonly handsBack: boolean;
}

/** Draws links to the report and the files of a run. The files are offered only to people who may take them. */
export function drawFiles(frame: PageFrame, run: RunFiles): Html {
  const { texts } = frame;
  const isReported = run.files?.includes('report.html') === true;
  const report = html`<p class="actions">
    <a class="button" href="${run.address}/report">${texts.result.report}</a>
  </p>`;
  return html`<section class="screen">
    ${isReported ? report : null}
    <h2 id="files">${texts.result.files}</h2>
    ${drawOffer(frame, run)}
  </section>`;
}

function drawOffer(frame: PageFrame, { address, files, isPurged, handsBack }: RunFiles): Html {
  const { texts } = frame;
  const words = texts.result;
  if (isPurged) return html`<p>${words.purged}</p>`;
  if (files === null) return html`<p>${words.noFolder}</p>`;
  if (!isForUploader(frame)) return html`<p>${words.forUploaders}</p>`;
  const handBack = html`<p>${words.handBack} <a href="/uploads/new">${texts.uploads.new}</a></p>`;
  return html`${drawForm(frame, address, files)}
  ${handsBack && files.includes('failed.xlsx') ? handBack : null}`;
}

/** Draws the form in which a person chooses a file and says what it is needed for. */
function drawForm(frame: PageFrame, address: string, files: readonly string[]): Html {
  const words = frame.texts.result;
  const offered = Object.entries(words.kinds).filter(([name]) => files.includes(name));
  return html`<p>${words.wholeIds}</p>
    <form method="post" action="${address}/files" class="download">
      ${drawToken(frame)}
      <p>
        <label for="name">${words.file}</label>
        <select id="name" name="name">
          ${offered.map(([name, what]) => html`<option value="${name}">${name} – ${what}</option>`)}
        </select>
      </p>
      <p>
        <label for="reason">${words.reason}</label>
        <input
          id="reason"
          name="reason"
          type="text"
          required
          minlength="3"
          maxlength="${LONGEST_NOTE}"
          autocomplete="off"
          aria-describedby="reason-help"
        />
        <small id="reason-help">${words.reasonHelp}</small>
      </p>
      <p><button>${words.download}</button></p>
    </form>`;
}
