/** Width of a comment line without its mark and the deepest indent. */
const COLUMNS = 74;

/** Breaks a sentence into comment lines, for YAML and for `.env`. */
export function commentLines(sentence: string): readonly string[] {
  const lines = sentence.match(new RegExp(`\\S.{0,${COLUMNS}}(?=\\s|$)`, 'g')) ?? [];
  return lines.map((line) => `# ${line}`);
}
