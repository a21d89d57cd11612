import { z } from 'zod';
import type { OpenedList } from '../intake/opened-list.ts';
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
    .object({ read: z.string(), unread: z.array(z.string()).readonly() })
    .nullable()
    .default(null),
  headerLine: count.nullable(),
  columns: z.object({ userId: z.string(), par: z.string() }),
  handedBack: z.boolean(),
  rowsRead: count,
  blankLines: count,
  titleLines: count,
  totalsLines: count,
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
});
export type ListRead = Readonly<z.infer<typeof listReadSchema>>;

export function describeList(list: OpenedList): ListRead {
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
    ...counts,
    normalised: Object.fromEntries(Object.entries(normalised).filter(([, cells]) => cells > 0)),
  };
}

/** As they are kept with the run. */
export function listFacts(list: OpenedList): ListFacts {
  const notes = describeList(list);
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

/** Of what a run keeps; null for a retry, or where another version of the program read the list. */
export function parseListNotes(notes: unknown): ListRead | null {
  const parsed = listReadSchema.safeParse(notes);
  return parsed.success ? parsed.data : null;
}
