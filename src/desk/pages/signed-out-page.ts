import { html } from '../../report/html/html.ts';
import { drawDeskPage, type PageFrame } from './desk-page.ts';

export function drawSignedOutPage(frame: PageFrame, signInAddress: string): string {
  const words = frame.texts.signIn;
  return drawDeskPage(frame, {
    heading: words.signedOut,
    content: html`<p>${words.signedOutMore}</p>
      <p><a href="${signInAddress}">${words.again}</a></p>`,
  });
}
