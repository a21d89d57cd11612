/** Matches one token of a JSON text: a string, a mark, or what stands between two marks. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * Returns the first of `keys` that stands twice in one object of the text, however it is written (`code`,
 * `\u0063ode`) and however deep the object is; null where none does. JSON.parse silently keeps the last of two
 * values. `text` must be valid JSON.
 */
export function findDoubleKey(text: string, keys: ReadonlySet<string>): string | null {
  if (!mayHoldDouble(text, keys)) return null;
  /** The watched keys of each open object so far, innermost last; null for an array. */
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    if (token === '[') open.push(null);
    if (token === '}' || token === ']') open.pop();
    // Only a key stands before a colon.
    if (token === ':') {
      const key = String(JSON.parse(last));
      const seen = open.at(-1);
      if (keys.has(key) && seen?.has(key) === true) return key;
      if (keys.has(key)) seen?.add(key);
    }
    last = token;
  }
  return null;
}

/** Rules out most answers quickly: without an escape, a key that stands twice is written twice. */
function mayHoldDouble(text: string, keys: ReadonlySet<string>): boolean {
  if (text.includes('\\')) return true;
  for (const key of keys) {
    const quoted = `"${key}"`;
    if (text.indexOf(quoted) !== text.lastIndexOf(quoted)) return true;
  }
  return false;
}
