import { z } from 'zod';
import { resemblesResultFile } from '../domain/result-columns.ts';
import type { OpenedList } from '../intake/opened-list.ts';
import type { ManyCards } from './start/member-cards-guard.ts';
import type { ListFacts } from '../ledger/runs/run-table.ts';

const count = z.int().min(0);

/** What a person is told of a list that was read to its end; kept with the run. Holds no ids. */
const listReadSchema = z.object({
  name: z.string(),
  format: z.enum(['csv', 'xlsx', 'postgres']),
  encoding: z.string(),
  verdict: z
    .object({
      encoding: z.string(),
      how: z.enum(['given', 'mark', 'ascii', 'utf-8', 'cp949', 'accident']),
      samples: z.array(z.string()).readonly(),
    })
    .nullable(),
  delimiter: z.string(),
  /** Of a workbook. Runs of before it was noted have none, here and below. */
  sheets: z
    .object({
      read: z.string(),
      unread: z.array(z.string()).readonly(),
      hidden: z.array(z.string()).readonly().default([]),
    })
    .nullable()
    .default(null),
  headerLine: count.nullable(),
  columns: z.object({ userId: z.string(), par: z.string() }),
  handedBack: z.boolean(),
  /** Has many of our columns, though not as a result file has them. */
  resemblesResult: z.boolean().default(false),
  rowsRead: count,
  blankLines: count,
  titleLines: count,
  /** Headers again, as in files that were joined. */
  headerLines: count.default(0),
  totalsLines: count,
  /** Under the list or beside it. */
  noteLines: count.default(0),
  /** Rejected rows that read like headings of those below them. */
  headings: z.object({ lines: count, firstLine: count }).nullable().default(null),
  /** Rows that those give for the lines between two, proved again at the run's end. */
  totals: z.object({ afterLine: count, throughLine: count, rows: count }).nullable().default(null),
  /** Kinds that occurred, with their cells. */
  normalised: z.record(z.string(), count),
  formulas: count,
  /** Ids that end in zeros as rounded ones do, let pass by the job. */
  zeroEnded: z
    .object({ length: count, ids: count.nullable(), zeroEnded: count, firstLine: count })
    .nullable()
    .default(null),
  /** A member with more cards than one has, let pass. */
  manyCards: z
    .object({ kind: z.enum(['rounded', 'any']), userId: z.string(), cards: count, firstLine: count })
    .nullable()
    .default(null),
  /** Cells with whole rows of the list in them, let pass. */
  swallowingCells: count.default(0),
  /** The file ends inside an id, without a line end. */
  openEnd: z
    .object({ line: count, field: z.enum(['userId', 'par']), isCutOff: z.boolean() })
    .nullable()
    .default(null),
});
export type ListRead = Readonly<z.infer<typeof listReadSchema>>;

export function describeList(list: OpenedList, manyCards: ManyCards | null): ListRead {
  const { normalised, ...counts } = list.counts();
  const { name, format, encoding, verdict, delimiter, sheets, headerLine, handedBack, header } = list;
  return {
    name,
    format,
    encoding,
    verdict,
    delimiter,
    sheets,
    headerLine,
    columns: { userId: header[list.columns.userId] ?? '', par: header[list.columns.par] ?? '' },
    handedBack,
    resemblesResult: !handedBack && resemblesResultFile(header),
    ...counts,
    manyCards,
    normalised: Object.fromEntries(Object.entries(normalised).filter(([, cells]) => cells > 0)),
  };
}

/** As they are kept with the run. */
export function listFacts(list: OpenedList, manyCards: ManyCards | null): ListFacts {
  const notes = describeList(list, manyCards);
  return {
    header: list.header,
    encoding: list.encoding,
    delimiter: list.delimiter,
    userIdColumn: list.columns.userId,
    parColumn: list.columns.par,
    rowsRead: notes.rowsRead,
    blankLines: notes.blankLines,
    titleLines: notes.titleLines,
    totalsLines: notes.totalsLines,
    notes,
  };
}

/** Parses what a run keeps of its list. Null for a retry, and where another version of the program read the list. */
export function parseListRead(notes: unknown): ListRead | null {
  const parsed = listReadSchema.safeParse(notes);
  return parsed.success ? parsed.data : null;
}
