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
    await reply.redirect(ownAddress(fieldOf(body, 'back') ?? '/'), 303);
  });
}

const OWN_ADDRESS = /^\/(?:(?:uploads|runs|breaks)(?:\/[0-9A-Za-z_-]+(?:\/rejected)?)?|search|sessions)?$/;

/**
 * Returns `back` where it is a page of this desk, else the first page. A browser can't take the result for another
 * host.
 */
export function ownAddress(back: string): string {
  return OWN_ADDRESS.test(back) ? back : '/';
}
