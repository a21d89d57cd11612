/** The columns that a run adds to the right of a list's own; scripts rely on the names. */
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

/** Names the column of the cells that rows have beyond their header, counted from 1. */
export function extraColumn(number: number): string {
  return `${PREFIX}extra_${number}`;
}

/** Returns how many columns at the end of a list's own hold cells beyond the header of the list it came from. */
export function countExtraColumns(own: readonly string[]): number {
  return own.length - 1 - own.findLastIndex((name) => !/^(?:kona_)+extra_\d+$/.test(name));
}

/** Returns the names of our columns beside these original ones. */
export function namedResultColumns(original: readonly string[]): string[] {
  return nameBeside(original, resultColumns);
}

/**
 * Returns our column names beside original ones. Where the list already has a name, in any letter case, the prefix
 * `kona_` is added until the name is free.
 */
export function nameBeside(original: readonly string[], columns: readonly string[]): string[] {
  const taken = new Set(original.map((name) => name.trim().toLowerCase()));
  return columns.map((column) => {
    let name: string = column;
    while (taken.has(name.toLowerCase())) name = PREFIX + name;
    return name;
  });
}

/** A header divided into the list's own columns and those that a run of ours added. */
export interface SplitHeader {
  readonly original: string[];
  readonly handedBack: boolean;
  /**
   * Position of the column that names each row's run; null where the file is not ours or an older version wrote it.
   */
  readonly runColumn: number | null;
}

/** Our columns in files of older versions, whose rows did not name their run. */
const columnsWithoutRun = resultColumns.slice(0, -1);

/**
 * Recognises one of our own result files by a header that ends in all our columns, in our order. The prefix is
 * accepted whatever the other columns are, because the column it made way for may have been deleted. Empty cells at
 * the header's end do no harm, because spreadsheets add them.
 */
export function splitHandedBackHeader(header: readonly string[]): SplitHeader {
  const named = header.slice(0, 1 + header.findLastIndex((name) => name.trim() !== ''));
  if (endsIn(named, resultColumns)) {
    const original = named.slice(0, named.length - resultColumns.length);
    return { original, handedBack: true, runColumn: named.length - 1 };
  }
  if (endsIn(named, columnsWithoutRun)) {
    const original = named.slice(0, named.length - columnsWithoutRun.length);
    return { original, handedBack: true, runColumn: null };
  }
  return { original: [...header], handedBack: false, runColumn: null };
}

/** Lists of other systems have some of these names too, but hardly so many. */
const FEWEST_OF_OURS = 6;

/**
 * Returns whether a header that is not recognised has so many of our columns that a person has moved, deleted or added
 * some in a result file.
 */
export function resemblesResultFile(header: readonly string[]): boolean {
  if (splitHandedBackHeader(header).handedBack) return false;
  const names = new Set(header.map((name) => withoutPrefix(name).toLowerCase()));
  return resultColumns.filter((column) => names.has(column)).length >= FEWEST_OF_OURS;
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
