/** What a run adds to the right of a list's own columns; the names are a contract with scripts. */
export const resultColumns = [
  'line',
  'class',
  'code',
  'message',
  'who_must_act',
  'attempts',
  'http_status',
  'correlation_id',
  'first_attempt_at',
  'last_attempt_at',
  'note',
] as const;

const PREFIX = 'kona_';

/** Our columns as they are named beside these original ones. */
export function namedResultColumns(original: readonly string[]): string[] {
  return nameBeside(original, resultColumns);
}

/**
 * Columns of ours beside original ones: a name the list has already, in any letter case, gets the prefix `kona_` as
 * often as it takes to be free.
 */
export function nameBeside(original: readonly string[], columns: readonly string[]): string[] {
  const taken = new Set(original.map((name) => name.trim().toLowerCase()));
  return columns.map((column) => {
    let name: string = column;
    while (taken.has(name)) name = PREFIX + name;
    return name;
  });
}

/**
 * Recognises a list that ends in all our columns, in our order: one of our own result files. The prefix is
 * accepted whatever the other columns are, since the column it made way for may have been deleted.
 */
export function splitHandedBackHeader(header: readonly string[]): {
  original: string[];
  handedBack: boolean;
} {
  const start = header.length - resultColumns.length;
  const handedBack =
    start >= 0 &&
    resultColumns.every((column, index) => withoutPrefix(header[start + index] ?? '') === column);
  return { original: header.slice(0, handedBack ? start : header.length), handedBack };
}

function withoutPrefix(name: string): string {
  let rest = name.trim();
  while (rest.startsWith(PREFIX)) rest = rest.slice(PREFIX.length);
  return rest;
}
