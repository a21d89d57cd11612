import { DeskVisitor } from './desk-visitor.ts';
import type { Place } from './plain-browser.ts';

/** The secret that the test's proxy shares with the desk. */
export const PROXY_SECRET = 'a-secret-of-thirty-two-characters';

/** A browser behind a proxy that says whose it is. */
export class NamedBrowser extends DeskVisitor {
  constructor(place: Place, email: string, language = 'en') {
    super(place, [], {
      'x-auth-request-email': email,
      'x-kona-desk-secret': PROXY_SECRET,
      'accept-language': language,
    });
  }
}
