import { SECRET_SHOWN_AS, type Secret } from './secret.ts';

/** A shorter value is not replaced: doing so everywhere would make the text unreadable and reveal the value. */
const SHORTEST_REPLACED = 4;

/**
 * Returns a function that removes every given secret from a text, even where it is JSON-escaped or percent-encoded.
 * Use it for any text from outside (a driver's error, a provider's answer) before it is shown or kept.
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
