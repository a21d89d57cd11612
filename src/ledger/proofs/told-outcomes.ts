import type { RowClass } from '../../domain/class.ts';
import type { Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';
import { CALLED_LIST, SUCCESS_LIST } from '../sql-lists.ts';

/** Rows of one class, and what their attempts say. */
export interface ToldOutcomes {
  readonly class: RowClass;
  readonly rows: number;
  /** Rows whose last telling attempt gave this class. 0 for classes that no call gives. */
  readonly classTold: number;
  /** Rows that carry the code of that attempt. 0 for classes that no call gives. */
  readonly codeTold: number;
  /** Rows for which a call of this run gave some class. */
  readonly called: number;
}

/**
 * An attempt that gives its record a class. stop_run says nothing of the record, nor does an answer that is held until
 * something proves our set-up, and then is written as what it is; neither does an inquiry that did not
 * find the record among the member's plans. This is the one place that says which attempts tell.
 */
const TELLS = `(a.outcome not in ('stop_run', 'held') and (a.call = 'register' or a.outcome in ${SUCCESS_LIST}))`;
/** SQL: a lost call leaves its row ambiguous until another attempt tells more. */
const IS_LOST = `(a.reply_kind = 'lost')`;

/** SQL: attempt numbers as text of one length, so that the largest text is the latest attempt and carries a value. */
const NUMBERED = `lpad(a.attempt_no::text, 19, '0')`;
const LATEST = (value: string, when: string): string =>
  `substr(max((${NUMBERED} || ${value}) collate "C") filter (where ${when}), 20)`;
/** SQL: tells a code that is null from no attempt at all. */
const CODE = `coalesce('=' || a.code, '')`;

/** A surely unprocessed call after one that may have been processed leaves the record ambiguous. */
const UNANSWERED = `coalesce(max(a.attempt_no) filter (where a.call = 'register' and a.outcome = 'ambiguous')
  > coalesce(max(a.attempt_no) filter (where a.outcome in ${SUCCESS_LIST}), 0), false)`;
const classOf = (told: string, unanswered: string): string =>
  `case when ${told} = 'transient' and ${unanswered} then 'ambiguous' else ${told} end`;

/**
 * Compares each row's class and code with the last telling attempt of its record, up to the row's end and by whichever
 * run; the record is that of the row's ids, and so must be those of its attempts. The class is the one written with that attempt; nothing is judged anew.
 *
 * Most rows are settled by the last attempt of the run's own for them, which one pass over its attempts finds, where that
 * is the one the row shows and it tells by itself: a transient one does not, since an earlier attempt may make it
 * ambiguous. Of the rows left over (kept ones, those that took over another run's outcome, and those that look wrong) most
 * are settled in the same way by the attempt they show. Only the rest have the whole history of their record read. Such
 * a row's end is the attempt whose correlation id it shows; an inquiry bears none on the row, so one that found success
 * between that attempt and the next registration may or may not have been seen by the row.
 *
 * Nothing here hangs on what the planner knows of the tables: a young ledger, an embedded one and the newest run of an old
 * one have no statistics, and a nested loop over two sets of a run took minutes for 150 rows. So the run's sets are joined
 * by full joins, which are hashed or merged, and whose ends are filtered behind a materialized set, since a filter beside
 * the join would make it a left join again. All else is looked up by keys in laterals that `offset 0` keeps apart: that
 * costs by the run's rows alone, however many nights the tables hold.
 */
export async function readToldOutcomes(
  on: Queryable,
  { run_no, provider }: Pick<RunRow, 'run_no' | 'provider'>,
): Promise<ToldOutcomes[]> {
  return await on.query<ToldOutcomes>(TOLD_OUTCOMES, [run_no, provider]);
}

/** An attempt after which no earlier one matters, given that nothing came after it. */
const SETTLES = (a: string): string =>
  `(${a}.call = 'register' and ${a}.outcome not in ('stop_run', 'held', 'transient'))`;

/** The attempts a row rests on, the run's last for it and the one it shows, are of the record its ids name. */
const OF_ITS_RECORD = `(coalesce(r.own_record_no = e.record_no, r.own_record_no is null)
           and coalesce(shown.record_no = e.record_no, shown.record_no is null))`;

const TOLD_OUTCOMES = `
with own as (
  select a.row_no, max(a.attempt_no) as last_no, bool_or(${TELLS}) as is_told from attempt a where a.run_no = $1 group by a.row_no),
last_calls as materialized (
  select o.row_no, o.last_no, o.is_told, a.record_no, ${SETTLES('a')} as settles, a.correlation_id, coalesce('=' || a.code, '') as coded, a.outcome
  from own o
       full join (select attempt_no, record_no, correlation_id, code, outcome, call from attempt where run_no = $1) as a
         on a.attempt_no = o.last_no),
told as materialized (
  select c.*, e.user_id, e.par
  from last_calls c
       left join lateral (
         select user_id, par from enrollment where record_no = c.record_no and provider = $2 offset 0) as e on true
  where c.row_no is not null),
judged as materialized (
  select r.row_no, r.class, t.last_no, t.record_no, coalesce(t.is_told, false) as is_told,
         coalesce(t.settles and r.user_id = t.user_id and r.par = t.par and r.correlation_id = t.correlation_id and r.class = t.outcome
                  and coalesce('=' || r.code, '') = t.coded, false) as is_right
  from (select row_no, coalesce(class, 'unprocessed') as class, code, correlation_id, user_id, par from list_row where run_no = $1) as r
       full join told t on t.row_no = r.row_no),
counted as materialized (
  select class, class in ${CALLED_LIST} as is_called, count(*)::integer as rows,
         (count(*) filter (where is_told))::integer as called,
         (count(*) filter (where is_right))::integer as told,
         array_agg(row_no) filter (where not is_right and class in ${CALLED_LIST}) as left_over,
         array_agg(last_no) filter (where not is_right and class in ${CALLED_LIST}) as last_nos,
         array_agg(record_no) filter (where not is_right and class in ${CALLED_LIST}) as record_nos
  from judged where row_no is not null group by class),
doubtful as materialized (
  select r.class, coalesce('=' || r.code, '') as code, e.record_no, greatest(r.last_no, shown.attempt_no) as last_no,
         coalesce(shown.record_no = e.record_no and ${SETTLES('shown')} and shown.attempt_no >= coalesce(r.last_no, 0)
                  and shown.outcome = r.class and coalesce('=' || shown.code, '') = coalesce('=' || r.code, ''), false)
           and ${OF_ITS_RECORD} as is_right,
         ${OF_ITS_RECORD} as is_its_own
  from (select r.class, r.code, r.user_id, r.par, r.correlation_id, l.last_no, l.record_no as own_record_no
        from counted c
             cross join lateral unnest(c.left_over, c.last_nos, c.record_nos) as l(row_no, last_no, record_no)
             cross join lateral (
               select class, code, user_id, par, correlation_id from list_row where run_no = $1 and row_no = l.row_no offset 0) as r) as r
       left join lateral (
         select record_no from enrollment where provider = $2 and user_id = r.user_id and par = r.par offset 0) as e on true
       left join lateral (
         select attempt_no, record_no, call, outcome, code from attempt where correlation_id = r.correlation_id offset 0) as shown
         on true),
looked_up as (
  select d.class,
         d.is_its_own and (coalesce(d.class in (${classOf('h.told', 'h.unanswered')}, ${classOf('h.answered', 'h.unanswered')}), false)
                           or d.class = any(later.outcomes)) as class_right,
         coalesce(d.code in (coalesce(h.coded, ''), coalesce(h.answered_code, '')), false)
           or (h.by_inquiry and d.code = coalesce(h.own_code, '')) as code_right
  from doubtful d
       cross join lateral (
         select ${LATEST('a.outcome', TELLS)} as told,
                ${LATEST('a.outcome', `${TELLS} and not ${IS_LOST}`)} as answered,
                ${LATEST(CODE, `${TELLS} and a.call = 'register'`)} as coded,
                ${LATEST(CODE, `${TELLS} and a.call = 'register' and not ${IS_LOST}`)} as answered_code,
                ${LATEST(CODE, `${TELLS} and a.call = 'register' and a.run_no = $1`)} as own_code,
                coalesce(${LATEST('a.call', TELLS)} = 'plans', false) as by_inquiry, ${UNANSWERED} as unanswered
         from attempt a where a.record_no = d.record_no and a.attempt_no <= d.last_no) as h
       cross join lateral (
         select coalesce(array_agg(a.outcome), '{}') as outcomes from attempt a
         where a.record_no = d.record_no and a.attempt_no > d.last_no and a.call = 'plans' and a.outcome in ${SUCCESS_LIST}
           and not exists (select 1 from attempt n where n.record_no = a.record_no and n.call = 'register'
                           and n.attempt_no > d.last_no and n.attempt_no < a.attempt_no)) as later
  where not d.is_right),
counted_later as (
  select class, (count(*) filter (where class_right))::integer as classes, (count(*) filter (where code_right))::integer as codes
  from (select class, true as class_right, true as code_right from doubtful where is_right
        union all select class, class_right, code_right from looked_up) as later
  group by class)
select c.class, c.rows, c.called,
       case when c.is_called then c.told else 0 end + coalesce(l.classes, 0) as "classTold",
       case when c.is_called then c.told else 0 end + coalesce(l.codes, 0) as "codeTold"
from counted c left join counted_later l on l.class = c.class`;
