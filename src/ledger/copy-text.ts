/** Returns the SQL that reads parameter `number`, counted from 1, of a statement for COPY. */
export function copyParameter(number: number, type: 'integer'): string {
  return `current_setting('kona.parameter_${number}')::${type}`;
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const NULL = '\\N';
/** Matches an escape other than NULL's. */
const ESCAPE = /\\[^N]/;

/** Returns the values of a line in COPY's text form; null for NULL. */
export function parseCopyLine(line: string): (string | null)[] {
  const values: (string | null)[] = line.split('\t');
  const isEscaped = ESCAPE.test(line);
  // In place: a line of a report has some twenty values, and most of them are as they stand.
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? '';
    if (value === NULL) values[at] = null;
    else if (isEscaped) values[at] = unescape(value);
  }
  return values;
}

function unescape(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([^])/g, (_, character: string) => escapes[character] ?? character);
}

const NEEDS_ESCAPE = /[\\\t\n\r]/;
const letters: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Returns a value as it stands in a line in COPY's text form; null for NULL. */
export function formatCopyValue(value: string | null): string {
  if (value === null) return '\\N';
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replace(/[\\\t\n\r]/g, (character) => letters[character] ?? character);
}
