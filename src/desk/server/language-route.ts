import { findLanguage } from './desk-language.ts';
import type { DeskParts } from './desk-parts.ts';
import { fieldOf } from './desk-server.ts';

const A_YEAR_SECONDS = 365 * 24 * 3_600;

/** Adds the route that stores the language a person chose and returns to the page where they chose it. */
export function addLanguageRoute({ app, cookies, checkToken }: DeskParts): void {
  app.post('/language', { config: { role: 'anybody' }, preHandler: checkToken }, async ({ body }, reply) => {
    const language = findLanguage(fieldOf(body, 'language') ?? undefined);
    if (language !== null) {
      reply.setCookie(cookies.language, language, { ...cookies.options, maxAge: A_YEAR_SECONDS });
    }
    // A found record has no address: the browser sends the search once more (307 keeps the form).
    const isFound = fieldOf(body, 'record') !== null || fieldOf(body, 'what') !== null;
    const to = ownAddress(fieldOf(body, 'back') ?? '/');
    await reply.redirect(to, isFound && to === '/search' ? 307 : 303);
  });
}

const OWN_ADDRESS =
  /^\/(?:(?:uploads|runs|breaks)(?:\/[0-9A-Za-z_-]+(?:\/rejected)?)?(?:\?(?:before|after)=\d{1,9})?|search|sessions)?$/;
/** What is asked for below these pages is no page by itself, but for the rejected rows of a run. */
const PAGE_ABOVE = /^\/(?:uploads\/[0-9a-f-]{36}|runs\/[0-9A-Za-z-]+)(?=\/(?!rejected))/;

/** Returns the address at which the page that answers a request can be opened again. */
export function placeOf({ method, url }: { readonly method: string; readonly url: string }): string {
  const [path = '/'] = url.split('?');
  const above = PAGE_ABOVE.exec(path)?.[0];
  if (above !== undefined) return above;
  if (method === 'GET') return ownAddress(url);
  return path === '/uploads' ? '/uploads/new' : ownAddress(path);
}

/**
 * Returns `back` where it is a page of this desk, else the first page. A browser can't take the result for another
 * host.
 */
export function ownAddress(back: string): string {
  return OWN_ADDRESS.test(back) ? back : '/';
}
