import type { Ledger, Parameter, Queryable } from '../../src/ledger/ledger-port.ts';

/** What PostgreSQL's `explain (analyze, format json)` says of one step; rows are those of one loop, on average. */
interface PlanStep {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanStep[];
}

function visitsOf(step: PlanStep): number {
  const rows =
    step['Actual Rows'] +
    (step['Rows Removed by Filter'] ?? 0) +
    (step['Rows Removed by Join Filter'] ?? 0) +
    (step['Rows Removed by Index Recheck'] ?? 0);
  return rows * step['Actual Loops'] + (step.Plans ?? []).reduce((sum, part) => sum + visitsOf(part), 0);
}

const READS = /^\s*(?:select|with)\b/i;
const WRITES = /\b(?:insert\s+into|update|delete\s+from|merge\s+into|nextval|pg_\w*advisory\w*)\b/i;

/** The most visits of each statement that only reads, by its text. */
export type Visits = Map<string, number>;

/** Passes everything on; of what only reads it first counts the rows that the plan for these parameters visits. */
function countVisits(on: Queryable, visits: Visits): Queryable {
  return {
    query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) => {
      if (READS.test(sql) && !WRITES.test(sql)) {
        const explain = `explain (analyze, timing off, format json) ${sql}`;
        const [said] = await on.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanStep }] }>(
          explain,
          parameters,
        );
        const count = said === undefined ? 0 : visitsOf(said['QUERY PLAN'][0].Plan);
        visits.set(sql, Math.max(count, visits.get(sql) ?? 0));
      }
      return await on.query<Row>(sql, parameters);
    },
  };
}

/** As `ledger`, counting in its transactions too. */
export function countOn<Counted extends Ledger>(ledger: Counted, visits: Visits): Counted {
  return {
    ...ledger,
    ...countVisits(ledger, visits),
    transaction: async (work) =>
      await ledger.transaction(async (transaction) => await work(countVisits(transaction, visits))),
  };
}
