/** The reason why a workbook is not in the folder; the CSV file of the same rows always is. */
export type LeftOut =
  | { readonly kind: 'rows'; readonly rows: number; readonly most: number }
  | { readonly kind: 'columns'; readonly columns: number; readonly most: number }
  | { readonly kind: 'cell'; readonly line: number; readonly most: number }
  | { readonly kind: 'bytes' };

/** Returns one sentence for the log and the terminal. */
export function sentenceOfLeftOut(name: string, left: LeftOut, instead: string): string {
  return `${name} is left out: ${reasonOf(left)}; ${instead} has every row, whole.`;
}

function reasonOf(left: LeftOut): string {
  switch (left.kind) {
    case 'rows':
      return `${left.rows} rows are more than the ${left.most} that one sheet holds, and a list is one sheet`;
    case 'columns':
      return `${left.columns} columns are more than the ${left.most} that a sheet holds`;
    case 'cell':
      return `a cell of the row on line ${left.line} has more than the ${left.most} characters that a cell holds`;
    case 'bytes':
      return 'it would be larger than a workbook can be';
  }
}
