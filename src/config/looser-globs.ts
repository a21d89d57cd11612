/** Globs near a given one, for files that somebody may have meant. The folders stay as they are written. */
export interface LooserGlobs {
  /** `*.csv` finds `B.CSV`. */
  readonly inAnyEndingCase: string;
  /** `Members*.csv` finds `members.csv`. */
  readonly inAnyCase: string;
  /** `*.csv` finds `members.xlsx`; null for a glob without an ending. */
  readonly withOtherEnding: string | null;
}

/** Endings that lists are saved with. A file with another ending is no list. */
const LIST_ENDINGS = 'csv tsv tab txt xls xlsx xlsm xlsb'.split(' ');

export function looserGlobs(pattern: string): LooserGlobs {
  const start = pattern.lastIndexOf('/') + 1;
  const folders = pattern.slice(0, start);
  const name = pattern.slice(start);
  // A choice of several endings, as in *.{csv,xlsx}, has braces.
  const ending = /\.(?:[^.{}*?]+|\{[^{}]*\})$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  return {
    inAnyEndingCase: folders + stem + inAnyCase(ending),
    inAnyCase: folders + inAnyCase(name),
    withOtherEnding:
      ending === '' ? null : `${folders}${stem}.{${LIST_ENDINGS.map((word) => inAnyCase(word)).join(',')}}`,
  };
}

/** Turns each letter into a class of its two cases. The glob's own classes and escapes stay as they are. */
function inAnyCase(text: string): string {
  return text.replaceAll(/\[[^\]]*\]|\\.|\p{L}/gu, (part) => {
    const isLetter = !/^[[\\]/.test(part);
    const cases = [part.toLowerCase(), part.toUpperCase()];
    const differ = cases[0] !== cases[1] && cases.every((one) => one.length === part.length);
    return isLetter && differ ? `[${cases.join('')}]` : part;
  });
}
