/** Reads parameter `number` of a statement that is copied, 1 for the first; SQL. */
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

/** The values of a line in COPY's text form; null for NULL. */
export function parseCopyLine(line: string): (string | null)[] {
  const values: (string | null)[] = line.split('\t');
  if (!line.includes('\\')) return values;
  return values.map((value) => (value === null || value === '\\N' ? null : unescape(value)));
}

function unescape(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([^])/g, (_, character: string) => escapes[character] ?? character);
}
