const LEAD = 2;
const TAIL = 4;
/** In a shorter id, showing the first 2 and last 4 characters would hide too little. */
const WHOLE_RULE_FROM = 10;

/**
 * Returns the only form in which a user id or a PAR may reach a screen, a log or a page: the first 2 and last 4
 * characters; of a short id only its last third.
 */
export function maskId(id: string): string {
  const characters = Array.from(id);
  const lead = characters.length >= WHOLE_RULE_FROM ? LEAD : 0;
  const tail = characters.length >= WHOLE_RULE_FROM ? TAIL : Math.floor(characters.length / 3);
  const hidden = characters.length - lead - tail;
  return characters.slice(0, lead).join('') + '*'.repeat(hidden) + characters.slice(lead + hidden).join('');
}

/** Matches what may be an id: 27 or more characters of a PAR's alphabet, or 10 or more digits. */
const ID_LIKE = /[A-Z0-9]{27,}|[0-9]{10,}/g;

/** Masks what looks like an id inside free text, such as a provider's message or a system error. */
export function maskIdsInText(text: string): string {
  return text.replace(ID_LIKE, (found) => maskId(found));
}

/** Matches `yyMMddHHmmss-xxxxxxx` as a word of its own: 12 digits that form a time. */
const CORRELATION_ID =
  /(?<![A-Za-z0-9-])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){2}-[0-9a-f]{7}(?![A-Za-z0-9-])/g;

/**
 * Masks a text of our own but leaves correlation ids whole, because the provider's support asks for them. Never use
 * it for others' texts, where such a word may be an id.
 */
export function maskIdsInOurText(text: string): string {
  const kept = text.match(CORRELATION_ID) ?? [];
  return text
    .split(CORRELATION_ID)
    .map((between, index) => maskIdsInText(between) + (kept[index] ?? ''))
    .join('');
}

/**
 * Masks these ids wherever a text repeats one as a whole word, in any letter case and however short it is, or where
 * the end of the text cuts one short. Also masks whatever else looks like an id. The ids hold letters and digits only.
 */
export function maskKnownIds(text: string, ids: readonly string[]): string {
  return maskIdsInText(ids.reduce(maskCutId, maskWholeIds(text, ids)));
}

function maskWholeIds(text: string, ids: readonly string[]): string {
  // Most texts repeat no id, and building a pattern for each id would take longer than everything else.
  const lower = text.toLowerCase();
  if (!ids.some((id) => lower.includes(id.toLowerCase()))) return text;
  const known = new RegExp(`(?<![A-Za-z0-9])(?:${ids.join('|')})(?![A-Za-z0-9])`, 'gi');
  return text.replace(known, (found) => maskId(found));
}

/** A cut id with fewer characters than this shows no more than its masked form does. */
const FEWEST_CUT = 4;

/** Masks the beginning of an id that is left where a text was cut to its length. */
function maskCutId(text: string, id: string): string {
  const end = /[A-Za-z0-9]+$/.exec(text)?.[0] ?? '';
  if (end.length < FEWEST_CUT || end.length >= id.length) return text;
  if (!id.toLowerCase().startsWith(end.toLowerCase())) return text;
  const lead = id.length >= WHOLE_RULE_FROM ? LEAD : 0;
  return text.slice(0, text.length - end.length + lead) + '*'.repeat(end.length - lead);
}
