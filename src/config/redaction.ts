import { SECRET_SHOWN_AS, type Secret } from './secret.ts';

/** Replacing shorter values everywhere in a text would hide the text and tell the value. */
const SHORTEST_REPLACED = 4;

/** A URL fit to be shown: user, host and path stay, the password and every query value are replaced. */
export function redactUrl(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url.startsWith('embedded:') ? url : SECRET_SHOWN_AS;
  if (!URL.canParse(url)) return SECRET_SHOWN_AS;
  const parsed = new URL(url);
  const user = parsed.username === '' ? '' : parsed.username;
  const password = parsed.password === '' ? '' : `:${SECRET_SHOWN_AS}`;
  const at = user === '' && password === '' ? '' : '@';
  const keys = [...parsed.searchParams.keys()].map((key) => `${key}=${SECRET_SHOWN_AS}`);
  const query = keys.length === 0 ? '' : `?${keys.join('&')}`;
  return `${parsed.protocol}//${user}${password}${at}${parsed.host}${parsed.pathname}${query}`;
}

/**
 * A function that takes every planted secret out of a text, also where it stands JSON-escaped or percent-encoded.
 * For whatever text comes from outside (a driver's error, a provider's answer) before it is shown or kept.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const spellings = new Set(secrets.flatMap((secret) => spellingsOf(secret.reveal())));
  const longestFirst = [...spellings]
    .filter((spelling) => spelling.length >= SHORTEST_REPLACED)
    .toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, found) => rest.replaceAll(found, SECRET_SHOWN_AS), text);
}

function spellingsOf(value: string): readonly string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())];
}
