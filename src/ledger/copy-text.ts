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

/** Returns the values of a line in COPY's text form; null for NULL. */
export function parseCopyLine(line: string): (string | null)[] {
  const values: (string | null)[] = line.split('\t');
  if (!line.includes('\\')) return values;
  // In place: a line of a report has some twenty values, and most of them are as they stand.
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (value?.includes('\\') === true) values[at] = value === '\\N' ? null : unescape(value);
  }
  return values;
}

function unescape(value: string): string {
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
