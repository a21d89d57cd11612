import type { BreakKind } from '../../domain/reconciliation/break.ts';
import type { CallClass } from '../../domain/class.ts';
import { onlyRow, type Parameter, type Queryable } from '../ledger-port.ts';
import { settlingOf } from './resolution-table.ts';

/** Who settles, when and why. */
export interface Explanation {
  readonly at: Date;
  /** user@machine. */
  readonly by: string;
  /** 1 to 500 characters. Untrusted text; it may repeat an id. */
  readonly note: string;
}

/** Selects records to settle together. Records that are settled already are left as they are. */
export interface RecordChoice {
  /** Classes that a selected record may have now. */
  readonly classes: readonly CallClass[];
  /** Selects only records with a row of this run that ended in such a class; null: all of the ledger. */
  readonly runNo: number | null;
}

/** Selects open breaks to explain together. */
export interface BreakChoice {
  readonly kinds: readonly BreakKind[];
  /** Selects only breaks whose record has one of these classes now; null: any, also without a record. */
  readonly classes: readonly CallClass[] | null;
  /** Selects only breaks whose record stands in this run's list; null: all. */
  readonly runNo: number | null;
}

/** $1 classes, $2 run. A set of its own holds the run's rows, so that the join hashes the whole key. */
const CHOSEN_RECORDS = `
  select e.record_no, e.provider, e.user_id, e.par, coalesce(e.prior_status, e.status) as class, e.code
  from enrollment e
  where coalesce(e.prior_status, e.status) = any($1::text[]) and e.resolution_no is null
    and ($2::integer is null or (e.provider, e.user_id, e.par) in (
      select r.provider, l.user_id, l.par from list_row l join run r on r.run_no = l.run_no
      where l.run_no = $2::integer and l.class = any($1::text[])))`;

function parametersOfRecords({ classes, runNo }: RecordChoice): Parameter[] {
  return [classes, runNo];
}

export interface ChosenRecords {
  readonly class: CallClass;
  readonly code: string | null;
  readonly records: number;
}

/** Counts the selected records by class and code. */
export async function countChosenRecords(on: Queryable, choice: RecordChoice): Promise<ChosenRecords[]> {
  return await on.query<ChosenRecords>(
    `with chosen as materialized (${CHOSEN_RECORDS})
     select class, code, count(*)::integer as records from chosen group by class, code
     order by records desc, class, code nulls last`,
    parametersOfRecords(choice),
  );
}

/**
 * Settles the selected records and explains the breaks they stand in, as settling one does. Returns how many of both.
 */
export async function settleChosenRecords(
  on: Queryable,
  choice: RecordChoice,
  explanation: Explanation,
): Promise<{ readonly records: number; readonly breaks: number }> {
  const { at, by, note } = explanation;
  return onlyRow(
    await on.query<{ records: number; breaks: number }>(
      `with held as materialized (${CHOSEN_RECORDS} for update of e), ${settlingOf({ at: '$3', by: '$4', note: '$5' })}
       select (select count(*)::integer from settled) as records, (select count(*)::integer from explained) as breaks`,
      [...parametersOfRecords(choice), at.toISOString(), by, note],
    ),
  );
}

/** $1 kinds, $2 classes, $3 run. */
const CHOSEN_BREAKS = `
  select b.break_no, b.kind from break b
  where b.state = 'open' and b.kind = any($1::text[])
    and ($2::text[] is null or (b.provider, b.user_id, b.par) in (
      select provider, user_id, par from enrollment where coalesce(prior_status, status) = any($2::text[])))
    and ($3::integer is null or (b.provider, b.user_id, b.par) in (
      select r.provider, l.user_id, l.par from list_row l join run r on r.run_no = l.run_no
      where l.run_no = $3::integer and l.user_id is not null))`;

function parametersOfBreaks({ kinds, classes, runNo }: BreakChoice): Parameter[] {
  return [kinds, classes, runNo];
}

export interface ChosenBreaks {
  readonly kind: BreakKind;
  readonly breaks: number;
}

/** Counts the selected breaks by kind. */
export async function countChosenBreaks(on: Queryable, choice: BreakChoice): Promise<ChosenBreaks[]> {
  return await on.query<ChosenBreaks>(
    `with chosen as materialized (${CHOSEN_BREAKS})
     select kind, count(*)::integer as breaks from chosen group by kind order by breaks desc, kind`,
    parametersOfBreaks(choice),
  );
}

/** Explains the selected breaks. Call it after lockBreaks. Returns how many. */
export async function explainChosenBreaks(
  on: Queryable,
  choice: BreakChoice,
  { at, by, note }: Explanation,
): Promise<number> {
  return onlyRow(
    await on.query<{ breaks: number }>(
      `with chosen as materialized (${CHOSEN_BREAKS}),
       explained as (
         update break b set state = 'explained', explained_at = $4::timestamptz, explained_by = $5, note = $6
         from chosen c where b.break_no = c.break_no returning 1)
       select count(*)::integer as breaks from explained`,
      [...parametersOfBreaks(choice), at.toISOString(), by, note],
    ),
  ).breaks;
}

/** A break, and a note that says why it may stay. */
export interface BreakNote {
  readonly breakNo: number;
  readonly note: string;
}

/**
 * Explains breaks named one by one, each with its own note, which overwrites an earlier one. Call it after lockBreaks.
 */
export async function explainNotedBreaks(
  on: Queryable,
  notes: readonly BreakNote[],
  { at, by }: Omit<Explanation, 'note'>,
): Promise<number> {
  return onlyRow(
    await on.query<{ breaks: number }>(
      `with explained as (
         update break b set state = 'explained', explained_at = coalesce(b.explained_at, $3::timestamptz),
                explained_by = $4, note = n.note, resolution_no = null
         from unnest($1::integer[], $2::text[]) as n(break_no, note)
         where b.break_no = n.break_no and b.state <> 'closed' returning 1)
       select count(*)::integer as breaks from explained`,
      [notes.map(({ breakNo }) => breakNo), notes.map(({ note }) => note), at.toISOString(), by],
    ),
  ).breaks;
}
