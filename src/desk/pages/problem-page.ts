import { html } from '../../report/html/html.ts';
import type { DeskProblem } from '../texts/desk-texts.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';

/** Draws why a request was refused, and what to do. */
export function drawProblemPage(frame: PageFrame, problem: DeskProblem): string {
  const { texts } = frame;
  return drawDeskPage(frame, {
    heading: texts.problemHeading,
    content: html`<div class="verdict bad">
        <p>${texts.problems[problem]}</p>
      </div>
      <p class="actions">
        ${frame.address === '/' || problem === 'not_found' ? null : html`<a href="${frame.address}">${texts.again}</a>`}
        <a href="/">${texts.back}</a>
      </p>`,
  });
}
