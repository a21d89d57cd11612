import type { OpenSession } from '../../ledger/desk/session-table.ts';
import { html, type Html } from '../../report/html/html.ts';
import { createFormats, type Formats } from '../../report/texts/formats.ts';
import { drawButton, drawDeskPage, drawToken, SESSIONS_PATH, type PageFrame } from './desk-page.ts';

/** Draws where a person is signed in, with a button that ends each session, and one that ends them all. */
export function drawSessionsPage(
  frame: PageFrame,
  sessions: readonly OpenSession[],
  timeZone = 'UTC',
): string {
  const words = frame.texts.sessions;
  const formats = createFormats(frame.language, timeZone);
  return drawDeskPage(frame, {
    heading: words.heading,
    content: html`<p>${words.about}</p>
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">${words.begun}</th>
            <th scope="col">${words.seen}</th>
            <th scope="col">${words.end}</th>
          </tr>
        </thead>
        <tbody>
          ${sessions.map((session) => drawSession(frame, session, formats))}
        </tbody>
      </table>
      <div class="actions">${drawButton(frame, `${SESSIONS_PATH}/end-all`, words.endAll)}</div>
      <p class="soft">${words.provider}</p>`,
  });
}

function drawSession(frame: PageFrame, session: OpenSession, formats: Formats): Html {
  const words = frame.texts.sessions;
  const end = html`<form method="post" action="${SESSIONS_PATH}/end">
    ${drawToken(frame)}
    <input type="hidden" name="session" value="${session.session_id}" />
    <button class="plain">${words.end}</button>
  </form>`;
  return html`<tr>
    <th scope="row">${formats.dateTime(session.created_at)}</th>
    <td data-label="${words.seen}">${formats.dateTime(session.seen_at)}</td>
    <td data-label="${words.end}">${session.is_this ? words.thisOne : end}</td>
  </tr>`;
}
