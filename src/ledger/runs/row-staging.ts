import type { ListRow } from '../../domain/list-row.ts';
import type { Rejection, RejectionReason } from '../../domain/rejection/rejection.ts';
import { formatCopyValue } from '../copy-text.ts';
import {
  LedgerError,
  OvertakenError,
  onlyRow,
  type Queryable,
  type RowSource,
  type RunFence,
  type Statement,
} from '../ledger-port.ts';

/**
 * Stages one set of rows; sets of 500 to 1,000 measured best. It uses COPY where the engine has it, which takes half
 * the time. A COPY that breaks off may have been committed, and a second COPY would be refused for the rows that are
 * there. So the set is staged again by a statement that leaves those rows alone, outlasts a server that comes back, and
 * tells what is really wrong. `lines`: what `copyLines` returns for these rows.
 */
export async function stageRows(
  on: RowSource,
  fence: RunFence,
  rows: readonly ListRow[],
  lines = copyLines(on, fence, rows),
): Promise<void> {
  if (on.bulk !== null) {
    try {
      if (await on.bulk.copyIn(STAGED_COLUMNS, lines, fenceOf(fence))) return;
      throw new OvertakenError();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
  }
  await stageByStatement(on, fence, rows);
}

const STAGED_COLUMNS =
  'list_row (run_no, row_no, line, cells, user_id, par, class, settled, code, rejection)';

function fenceOf({ runNo, epoch }: RunFence): Statement {
  return {
    sql: 'select 1 as held from run where run_no = $1 and epoch = $2 for share',
    parameters: [runNo, epoch],
  };
}

/** Characters. V8 took twice the time to make bytes of a text of 5,000 rows as of the same rows by hundreds. */
const PIECE = 16_384;

/** Returns the rows as COPY takes them, in pieces; nothing where the engine has no COPY. */
export function copyLines(on: RowSource, { runNo }: RunFence, rows: readonly ListRow[]): Buffer[] {
  const pieces: Buffer[] = [];
  if (on.bulk === null) return pieces;
  let text = '';
  for (const { rowNo, line, cells, content } of rows) {
    text += `${runNo}\t${rowNo}\t${line}\t${copyArray(cells)}\t${copyContent(content)}\n`;
    if (text.length < PIECE) continue;
    pieces.push(Buffer.from(text));
    text = '';
  }
  if (text !== '') pieces.push(Buffer.from(text));
  return pieces;
}

/** Ids are letters and digits, which need no escape. */
function copyContent(content: ListRow['content']): string {
  if (content.kind === 'record') return `${content.userId}\t${content.par}\t\\N\tf\t\\N\t\\N`;
  const [code, parts] = keptOf(content.rejection);
  return `\\N\t\\N\trejected\tt\t${code}\t${formatCopyValue(parts)}`;
}

/** The array literal of the cells, with COPY's own escapes for what stands in it. */
function copyArray(cells: readonly string[]): string {
  let text = '';
  for (const cell of cells) {
    const element = NEEDS_ESCAPE.test(cell) ? formatCopyValue(quoteCell(cell)) : `"${cell}"`;
    text += text === '' ? element : `,${element}`;
  }
  return `{${text}}`;
}

const NEEDS_ESCAPE = /["\\\t\n\r]/;

/** Leaves rows alone that are there after an unheard commit. The control totals prove that no row is missing. */
async function stageByStatement(on: Queryable, fence: RunFence, rows: readonly ListRow[]): Promise<void> {
  const records = rows.map((row) => (row.content.kind === 'record' ? row.content : null));
  const rejections = rows.map((row) =>
    row.content.kind === 'rejected' ? keptOf(row.content.rejection) : ([null, null] as const),
  );
  const written = await on.query<{ fenced: number }>(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share),
     staged as (
       insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled, code, rejection)
       select fence.run_no, i.row_no, i.line, i.cells::text[], i.user_id, i.par,
              case when i.code is not null then 'rejected' end, i.code is not null, i.code, i.rejection::jsonb
       from unnest($3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
              as i(row_no, line, cells, user_id, par, code, rejection), fence
       on conflict (run_no, row_no) do nothing)
     select count(*)::integer as fenced from fence`,
    [
      fence.runNo,
      fence.epoch,
      rows.map((row) => row.rowNo),
      rows.map((row) => row.line),
      rows.map((row) => arrayLiteral(row.cells)),
      records.map((record) => record?.userId ?? null),
      records.map((record) => record?.par ?? null),
      rejections.map(([reason]) => reason),
      rejections.map(([, parts]) => parts),
    ],
  );
  if (onlyRow(written).fenced === 0) throw new OvertakenError();
}

/** The row's code, and its other parts as JSON. */
function keptOf({ reason, ...parts }: Rejection): readonly [code: RejectionReason, parts: string] {
  return [reason, JSON.stringify(parts)];
}

/** Postgres' text form of a text[]; rows of different lengths can't be one two-dimensional parameter. */
function arrayLiteral(cells: readonly string[]): string {
  return `{${cells.map(quoteCell).join(',')}}`;
}

function quoteCell(cell: string): string {
  return `"${/["\\]/.test(cell) ? cell.replace(/["\\]/g, '\\$&') : cell}"`;
}
