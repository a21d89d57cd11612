/** Beside the mark and the deepest indent. */
const COLUMNS = 74;

/** A sentence as the lines of a comment, of YAML and of `.env` alike. */
export function commentLines(sentence: string): readonly string[] {
  const lines = sentence.match(new RegExp(`\\S.{0,${COLUMNS}}(?=\\s|$)`, 'g')) ?? [];
  return lines.map((line) => `# ${line}`);
}
