import type { Language } from '../../domain/language.ts';
import { html, type Fragment, type Html } from '../../report/html/html.ts';
import type { DeskAssets } from '../server/desk-assets.ts';
import type { Person } from '../server/person.ts';
import type { DeskTexts } from '../texts/desk-texts.ts';
import { drawNavigation } from './navigation.ts';

/** The page of a person's own sessions. */
export const SESSIONS_PATH = '/sessions';

/** The parts that all pages have in common. */
export interface PageFrame {
  readonly language: Language;
  readonly texts: DeskTexts;
  readonly assets: DeskAssets;
  /** Null where nobody has signed in. */
  readonly person: Person | null;
  /** The way in which people sign in; null where they do not sign in. */
  readonly signIn: 'proxy' | 'oidc' | null;
  /** Every form on the page sends this token back. */
  readonly token: string;
  /** The page's own address, to which a change of the language returns. */
  readonly address: string;
  /** The fields of the form that found what the page shows, without ids; absent where the address says it all. */
  readonly found?: Readonly<Record<string, string>>;
  /** Returns the time zone in which a job tells times. */
  readonly zoneOf: (job: string) => string;
}

export interface PageBody {
  readonly heading: string;
  readonly content: Fragment;
  /** The page reloads itself after this many seconds where the browser runs no script. */
  readonly reloads?: number;
}

export function drawDeskPage(frame: PageFrame, { heading, content, reloads }: PageBody): string {
  const { language, texts, assets, address } = frame;
  const other = language === 'ko' ? 'en' : 'ko';
  const refresh =
    reloads === undefined
      ? null
      : html`<noscript><meta http-equiv="refresh" content="${reloads}" /></noscript>`;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${heading} · ${texts.title}</title>
        <link rel="stylesheet" href="${assets.style.address}" />
        <script src="${assets.script.address}" defer></script>
        ${refresh}
      </head>
      <body>
        <a class="skip" href="#content">${texts.skip}</a>
        <header class="desk">
          <p><a href="/">${texts.title}</a></p>
          ${frame.person === null ? null : drawNavigation({ language, uploads: texts.uploads.heading, address })}
          <form method="post" action="/language" class="language">
            ${drawToken(frame)}
            <input type="hidden" name="back" value="${address}" />
            ${Object.entries(frame.found ?? {}).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
            <button class="plain" name="language" value="${other}" lang="${other}">
              ${texts.otherLanguage}
            </button>
          </form>
        </header>
        <main id="content">
          <h1>${heading}</h1>
          ${content}
          <footer>${drawPerson(frame)}</footer>
        </main>
      </body>
    </html> `.text;
}

/** Draws whom the page is for. A desk without sign-in says so on every page. */
function drawPerson(frame: PageFrame): Html {
  const { person, signIn, texts } = frame;
  const name = person === null ? null : html`<b>${person.name}</b>`;
  if (signIn === null) return html`<p>${texts.onePerson} ${name}</p>`;
  if (name === null) return html``;
  const out = html`<p><a href="${SESSIONS_PATH}">${texts.sessions.heading}</a></p>
    <form method="post" action="/sign-out">
      ${drawToken(frame)}<button class="plain">${texts.signIn.out}</button>
    </form>`;
  return html`<p>${texts.signIn.as} ${name}</p>
    ${signIn === 'oidc' ? out : null}`;
}

/** Draws the token of a form. It must be the first field, because fields after a file are read too late. */
export function drawToken({ token }: PageFrame): Html {
  return html`<input type="hidden" name="token" value="${token}" />`;
}

/** Whether the person may upload, and decide about what others have uploaded. */
export function isForUploader({ person }: PageFrame): boolean {
  return person?.roles.has('uploader') === true;
}

/** Draws the buttons of an uploader's decisions. Anybody else is told who can decide. */
export function drawActions(frame: PageFrame, ...buttons: readonly Html[]): Html {
  if (!isForUploader(frame)) return html`<p class="soft screen">${frame.texts.uploadersDecide}</p>`;
  return html`<div class="actions">${buttons}</div>`;
}

/** Draws a form that consists of one button and is sent to `address`. */
export function drawButton(
  frame: PageFrame,
  address: string,
  words: string,
  look: 'main' | 'plain' = 'main',
): Html {
  return html`<form method="post" action="${address}">
    ${drawToken(frame)}<button class="${look}">${words}</button>
  </form>`;
}
