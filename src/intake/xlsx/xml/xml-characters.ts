/** These values say where in a name an ASCII character may stand. */
const NOWHERE = 0;
const FIRST_OR_LATER = 1;
const LATER = 2;
const ASCII_NAME_PLACES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) return FIRST_OR_LATER;
  return /[0-9.-]/.test(character) ? LATER : NOWHERE;
});

/** These are the name characters of XML 1.0, fifth edition, productions 4 and 4a. */
const NAME_START =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const ANY_NAME = new RegExp(
  `[${NAME_START}][${NAME_START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*`,
  'uy',
);

/** Returns the index after the name that begins at `from`; `from` itself where none begins there. */
export function endOfName(source: string, from: number, end: number): number {
  let at = from;
  for (; at < end; at += 1) {
    const place = ASCII_NAME_PLACES[source.charCodeAt(at)];
    if (place === undefined) return endOfAnyName(source, from);
    if (place === NOWHERE || (place === LATER && at === from)) return at;
  }
  return at;
}

function endOfAnyName(source: string, from: number): number {
  ANY_NAME.lastIndex = from;
  return from + (ANY_NAME.exec(source)?.[0].length ?? 0);
}

/** Returns whether a text contains a character that XML forbids, or half a character. */
export function hasForbiddenCharacter(text: string): boolean {
  return /[^\t\n\r -\ufffd]/.test(text);
}

/** Returns whether a text has no forbidden character, no reference, no carriage return and no end of CDATA. */
export function isPlainText(text: string): boolean {
  return !/[^\t\n -%'-\\^-\ufffd]/.test(text);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

const MAX_CODE_POINT = 0x10ffff;

/**
 * Decodes the references in a text. Returns null where a reference is neither one of XML's own five nor to a character
 * that XML allows.
 */
export function decodeReferences(text: string): string | null {
  if (!text.includes('&')) return text;
  let isGood = true;
  const decoded = text.replaceAll(/&([^;]*)(;?)/g, (_, name: string, end: string) => {
    const character = end === ';' ? (entities.get(name) ?? characterOf(name)) : null;
    if (character === null) isGood = false;
    return character ?? '';
  });
  return isGood ? decoded : null;
}

/** Returns the character of a reference such as `#65` or `#x41`. */
function characterOf(reference: string): string | null {
  const { hex, decimal } = /^#(?:x(?<hex>[0-9A-Fa-f]+)|(?<decimal>[0-9]+))$/.exec(reference)?.groups ?? {};
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
  if (!(code <= MAX_CODE_POINT)) return null;
  const character = String.fromCodePoint(code);
  return character.isWellFormed() && !hasForbiddenCharacter(character) ? character : null;
}
