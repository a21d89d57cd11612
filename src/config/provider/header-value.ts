import type { Checked } from '../checked.ts';

/** Checks a value that goes into a header unchanged; lengths by the provider's page (PROVIDER.md, "The call"). */
export function checkHeaderValue(
  name: string,
  read: Checked<string | null>,
  length: number,
): readonly string[] {
  if (read.kind === 'refused') return read.problems;
  if (read.value === null) return [];
  const expected = `${name}: expected ${length} visible ASCII characters, found`;
  if (read.value.length !== length) return [`${expected} ${read.value.length}`];
  const isVisible = /^[\x21-\x7e]+$/.test(read.value);
  return isVisible ? [] : [`${expected} a blank, a line break or others among them`];
}
