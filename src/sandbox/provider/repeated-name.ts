/** Matches a string with its escapes, or one of the characters that give JSON its structure. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * Returns the first name that stands twice in the outermost object of a JSON text, or null. Two parsers may read such
 * a body as two different calls, so a careful payment platform refuses it; JSON.parse would silently keep the last
 * one. The text must be valid JSON.
 */
export function findRepeatedName(json: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  let text: string | null = null;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (token === ':' && depth === 1 && text !== null) {
      const name = JSON.parse(text) as string;
      if (seen.has(name)) return name;
      seen.add(name);
    }
    text = token.startsWith('"') ? token : null;
  }
  return null;
}
