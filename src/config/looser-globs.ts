/** Globs beside a given one, for the files that somebody may have meant by it. The folders stay as they are written. */
export interface LooserGlobs {
  /** `*.csv` finds `B.CSV`. */
  readonly inAnyEndingCase: string;
  /** `Members*.csv` finds `members.csv`. */
  readonly inAnyCase: string;
  /** `*.csv` finds `members.xlsx`; null for a glob without an ending. */
  readonly withOtherEnding: string | null;
}

/** What lists are saved as. A file of any other ending is no list, and nobody misses it. */
const LIST_ENDINGS = 'csv tsv tab txt xls xlsx xlsm xlsb'.split(' ');

export function looserGlobs(pattern: string): LooserGlobs {
  const start = pattern.lastIndexOf('/') + 1;
  const folders = pattern.slice(0, start);
  const name = pattern.slice(start);
  // An ending of several, as in *.{csv,xlsx}, has braces.
  const ending = /\.(?:[^.{}*?]+|\{[^{}]*\})$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  return {
    inAnyEndingCase: folders + stem + inAnyCase(ending),
    inAnyCase: folders + inAnyCase(name),
    withOtherEnding:
      ending === '' ? null : `${folders}${stem}.{${LIST_ENDINGS.map((word) => inAnyCase(word)).join(',')}}`,
  };
}

/** Each letter becomes a class of its two cases. A class of the glob's own, and what is escaped, stays as it is. */
function inAnyCase(text: string): string {
  return text.replaceAll(/\[[^\]]*\]|\\.|\p{L}/gu, (part) => {
    const isLetter = !/^[[\\]/.test(part);
    const cases = [part.toLowerCase(), part.toUpperCase()];
    const differ = cases[0] !== cases[1] && cases.every((one) => one.length === part.length);
    return isLetter && differ ? `[${cases.join('')}]` : part;
  });
}
