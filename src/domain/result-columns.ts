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
  'run',
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
    while (taken.has(name.toLowerCase())) name = PREFIX + name;
    return name;
  });
}

/** A header, divided into the list's own columns and those a run of ours added to it. */
export interface SplitHeader {
  readonly original: string[];
  readonly handedBack: boolean;
  /** Where each row names the run it comes from; null: it is no file of ours, or an older version wrote it. */
  readonly runColumn: number | null;
}

/** Versions before rows knew their run ended here. */
const columnsWithoutRun = resultColumns.slice(0, -1);

/**
 * Recognises a list that ends in all our columns, in our order: one of our own result files. The prefix is
 * accepted whatever the other columns are, since the column it made way for may have been deleted.
 */
export function splitHandedBackHeader(header: readonly string[]): SplitHeader {
  if (endsIn(header, resultColumns)) {
    const original = header.slice(0, header.length - resultColumns.length);
    return { original, handedBack: true, runColumn: header.length - 1 };
  }
  if (endsIn(header, columnsWithoutRun)) {
    const original = header.slice(0, header.length - columnsWithoutRun.length);
    return { original, handedBack: true, runColumn: null };
  }
  return { original: [...header], handedBack: false, runColumn: null };
}

function endsIn(header: readonly string[], columns: readonly string[]): boolean {
  const start = header.length - columns.length;
  return (
    start >= 0 && columns.every((column, index) => withoutPrefix(header[start + index] ?? '') === column)
  );
}

function withoutPrefix(name: string): string {
  let rest = name.trim();
  while (rest.startsWith(PREFIX)) rest = rest.slice(PREFIX.length);
  return rest;
}
