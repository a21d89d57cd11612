import { z } from 'zod';
import { duration, listEncodings, oneOf, text, wholeNumber, yesOrNo } from '../job-file/setting-schemas.ts';
import { setting, writtenShape } from './setting.ts';

/** More columns than any spreadsheet has. */
const LAST_COLUMN = 16_384;

/** Number of cards one member may have before a person is asked about the list. */
const USUAL_CARDS_PER_MEMBER = 20;

const writtenColumn = z
  .union([text('auto, or a header of the list'), wholeNumber(1, LAST_COLUMN)], {
    error: 'expected auto, or a header of the list, written in quotes',
  })
  .prefault('auto');
/** A header, or a column number counted from 1; null: found by name. */
const keptColumn = z.union([z.string().min(1), z.int().min(1)]).nullable();

function foundByName(column: string | number): string | number | null {
  return column === 'auto' ? null : column;
}

/** Settings of the list's source. Everything except the URL is kept, as `source`. */
export const sourceSettings = {
  csv: setting({
    help: 'a path or a glob of text files; or one of excel:, inbox: and postgres: in its place',
    written: text('a path or a glob').optional(),
    kept: {},
    keep: () => ({}),
  }),
  excel: setting({
    help: 'a path or a glob of workbooks',
    written: text('a path or a glob').optional(),
    kept: {},
    keep: () => ({}),
  }),
  inbox: setting({
    help: 'a folder into which people put lists; each is run once, then moved to done/ or refused/ in it',
    written: text('a folder').optional(),
    kept: {},
    keep: () => ({}),
  }),
  sheet: setting({
    help: 'the sheet of a workbook that holds the list; without it the first visible sheet',
    example: 'Sheet1',
    written: text('the name of a sheet').optional(),
    kept: {},
    keep: () => ({}),
  }),
};

export const postgresSettings = {
  url: setting({
    help: 'the source database; give it as $NAME',
    written: text('a postgres:// URL', /^postgres(?:ql)?:\/\/\S/),
    kept: {},
    keep: () => ({}),
  }),
  query: setting({
    help: 'the query that gives the list',
    written: text('a query').optional(),
    kept: {},
    keep: () => ({}),
  }),
  table: setting({
    help: 'a table or view that holds the list, instead of a query',
    written: text('a table').optional(),
    kept: {},
    keep: () => ({}),
  }),
  statementTimeout: setting({
    help: 'how long the query may take',
    written: duration('1s', '24h').prefault('10m'),
    kept: {},
    keep: () => ({}),
  }),
};

/** Settings of how a list is read. */
export const readingSettings = {
  encoding: setting({
    help: 'encoding of a text file',
    written: oneOf(listEncodings).prefault('auto'),
    kept: { encoding: z.enum(listEncodings) },
    keep: (encoding) => ({ encoding }),
  }),
  header: setting({
    help: 'false: the list has no header, and columns are given as numbers',
    written: z
      .union([z.literal('auto'), z.literal(false)], { error: 'expected auto or false' })
      .prefault('auto'),
    kept: { header: z.union([z.literal('auto'), z.literal(false)]) },
    keep: (header) => ({ header }),
  }),
};

export const columnSettings = {
  userId: setting({
    help: 'the column of the user id: auto, the text of its header, or its number where header is false',
    written: writtenColumn,
    kept: { userId: keptColumn },
    keep: (column) => ({ userId: foundByName(column) }),
  }),
  par: setting({
    help: 'the column of the PAR, in the same way',
    written: writtenColumn,
    kept: { par: keptColumn },
    keep: (column) => ({ par: foundByName(column) }),
  }),
};

/** Settings that declare apparent damage of this list correct. */
export const damageSettings = {
  idsMayEndInZeros: setting({
    help: 'true: long ids that end in zeros from the 16th digit on are correct, because the source has them like this',
    written: yesOrNo().prefault(false),
    kept: { idsMayEndInZeros: z.boolean().default(false) },
    keep: (idsMayEndInZeros) => ({ idsMayEndInZeros }),
  }),
  cardsPerMember: setting({
    help: 'how many PARs one member may have, even if they are more than a tenth of the list',
    written: wholeNumber(1, 1_000_000_000).prefault(USUAL_CARDS_PER_MEMBER),
    kept: { cardsPerMember: z.int().min(1).default(USUAL_CARDS_PER_MEMBER) },
    keep: (cardsPerMember) => ({ cardsPerMember }),
  }),
  mayEndWithoutLineEnd: setting({
    help: 'true: a file that ends inside an id, without a line end, was not cut off',
    written: yesOrNo().prefault(false),
    kept: { mayEndWithoutLineEnd: z.boolean().default(false) },
    keep: (mayEndWithoutLineEnd) => ({ mayEndWithoutLineEnd }),
  }),
};

export const writtenList = z.strictObject({
  ...writtenShape(sourceSettings),
  postgres: z
    .strictObject(writtenShape(postgresSettings))
    .refine(
      (source) => (source.query === undefined) !== (source.table === undefined),
      'expected either query or table',
    )
    .optional(),
  ...writtenShape(readingSettings),
  columns: z.strictObject(writtenShape(columnSettings)).prefault({}),
  ...writtenShape(damageSettings),
});
