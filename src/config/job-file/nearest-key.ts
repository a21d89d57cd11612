/**
 * Returns the known key a person most likely meant, or null where none is close: at most two slips, or a third of the
 * word.
 */
export function nearestKey(written: string, known: readonly string[]): string | null {
  const allowed = Math.max(2, Math.floor(written.length / 3));
  let nearest: string | null = null;
  let fewest = allowed + 1;
  for (const key of known) {
    const distance = editDistance(written.toLowerCase(), key.toLowerCase());
    if (distance < fewest && distance < key.length) [nearest, fewest] = [key, distance];
  }
  return nearest;
}

/** Returns the Levenshtein distance: each insertion, deletion or replacement counts one. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of Array.from(a).entries()) {
    const line = [row + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
