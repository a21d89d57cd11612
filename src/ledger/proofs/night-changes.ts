import type { RowClass } from '../../domain/class.ts';
import type { NightChange } from '../../domain/night-difference.ts';
import type { Queryable } from '../ledger-port.ts';

/** A record or member that differs from the night before. Whole ids; null where a purge has forgotten them. */
export interface NightChangeRow {
  readonly change_no: number;
  readonly change: NightChange;
  readonly user_id: string | null;
  readonly par: string | null;
  /** For `changed`: the PAR of the night before. */
  readonly previous_par: string | null;
  readonly previous_class: RowClass | null;
  readonly previous_code: string | null;
  readonly class: RowClass | null;
  readonly code: string | null;
  /** The line where it stands in the run's list; null: gone. */
  readonly line: number | null;
  readonly previous_run: string | null;
  readonly previous_line: number | null;
}

const PAGE = 5_000;

/** As they were kept at the run's end, in the order people read them. */
export async function* readNightChanges(
  on: Queryable,
  runNo: number,
): AsyncGenerator<readonly NightChangeRow[]> {
  let page = await readPage(on, runNo, 0);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    yield page;
    page = page.length < PAGE ? [] : await readPage(on, runNo, last.change_no);
  }
}

async function readPage(on: Queryable, runNo: number, after: number): Promise<NightChangeRow[]> {
  return await on.query<NightChangeRow>(
    `select c.change_no, c.change, coalesce(n.user_id, b.user_id) as user_id, coalesce(n.par, b.par) as par,
            case when c.change = 'changed' then b.par end as previous_par, b.class as previous_class,
            b.code as previous_code, n.class, n.code, n.line, r.id as previous_run, b.line as previous_line
     from night_change c
     left join list_row n on n.run_no = c.run_no and n.row_no = c.row_no
     left join list_row b on b.run_no = c.before_run_no and b.row_no = c.before_row_no
     left join run r on r.run_no = c.before_run_no
     where c.run_no = $1 and c.change_no > $2 and c.change_no <= $2 + $3 order by c.change_no`,
    [runNo, after, PAGE],
  );
}
