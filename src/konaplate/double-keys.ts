/** Of a JSON text one token at a time: a string, a mark, or what else stands between two marks. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * The first of `keys` that stands twice in one object of the text, however it is written (`code`, `\u0063ode`) and
 * however deep the object lies; null where none does. JSON.parse keeps the last of two values and says nothing.
 * `text` is valid JSON.
 */
export function findDoubleKey(text: string, keys: ReadonlySet<string>): string | null {
  if (!mayHoldDouble(text, keys)) return null;
  /** The watched keys that each open object has had, innermost last; null for an array. */
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

/** Most answers tell at a glance: without an escape a key that stands twice is written twice. */
function mayHoldDouble(text: string, keys: ReadonlySet<string>): boolean {
  if (text.includes('\\')) return true;
  for (const key of keys) {
    const quoted = `"${key}"`;
    if (text.indexOf(quoted) !== text.lastIndexOf(quoted)) return true;
  }
  return false;
}
