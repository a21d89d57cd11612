import { rowClasses } from '../../domain/class.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats } from '../../report/texts/formats.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import type { LiveFigures } from '../server/desk-options.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';
import type { PageFrame } from './desk-page.ts';

/**
 * Draws the progress of a run as `status --watch` shows it, and its classes by name. `figures` is null where no
 * process reports any.
 */
export function drawFigures(
  { language, texts }: Pick<PageFrame, 'language' | 'texts'>,
  figures: LiveFigures | null,
): Html {
  if (figures === null) return html`<p>${texts.progress.silent}</p>`;
  const words = recordTextsIn(language);
  const formats = createFormats(language, 'UTC');
  const counts = rowClasses
    .map((name) => ({ name, count: figures.final[name] ?? 0 }))
    .filter(({ count }) => count > 0);
  const done = counts.reduce((sum, { count }) => sum + count, 0);
  return html`<p class="done">
      <b>${texts.progress.done(formats.number(done), formats.number(figures.due))}</b>
      <progress max="${Math.max(figures.due, 1)}" value="${done}">${done}</progress>
    </p>
    <ul class="work">
      ${counts.map(({ name, count }) => html`<li>${words.classes[name].name} <b>${formats.number(count)}</b></li>`)}
    </ul>
    <p class="soft">${figures.course[language]}</p>`;
}

/** A page whose figures are still being read asks again after this many seconds, with or without scripts. */
export const ASK_AGAIN_SECONDS = 2;

/** Draws that the figures of a run are being read and proved. */
export function drawLate({ language, address }: PageFrame): Html {
  const words = ledgerTextsIn(language).run;
  return html`<div data-again="${ASK_AGAIN_SECONDS}">
    <p>${words.proving}</p>
    <p class="actions"><a class="button" href="${address}">${words.lookAgain}</a></p>
  </div>`;
}
