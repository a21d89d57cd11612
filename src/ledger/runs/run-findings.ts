import type { Queryable } from '../ledger-port.ts';
import type { RunRow } from './run-table.ts';

export async function noteCanary(
  on: Queryable,
  runNo: number,
  found: NonNullable<RunRow['canary']>,
): Promise<void> {
  await on.query('update run set canary = $2 where run_no = $1', [runNo, found]);
}

/** Of several processes that called for a run the last one to learn something is believed. */
export async function noteLearntAtOnce(on: Queryable, runNo: number, learnt: number): Promise<void> {
  await on.query('update run set learnt_at_once = $2 where run_no = $1', [runNo, learnt]);
}
