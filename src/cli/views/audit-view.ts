import { secondsOf } from '../../domain/time/wall-time.ts';
import { brokenTrailWords, type AuditProof } from '../../ledger/desk/audit-proof.ts';
import type { AuditRow } from '../../ledger/desk/audit-trail.ts';
import { formatTable } from '../terminal/table.ts';

export interface ShownTrail {
  /** Newest first. */
  readonly rows: readonly AuditRow[];
  readonly isMore: boolean;
}

export function describeTrail({ rows, isMore }: ShownTrail): object {
  const entries = rows.map((row) => ({
    entry: row.entry_no,
    at: row.at.toISOString(),
    who: row.who,
    account: row.account,
    what: row.what,
    upload: row.upload_id,
    run: row.run_id,
    accessEntry: row.access_no,
    detail: row.detail,
    hash: row.hash,
  }));
  return { entries, isMore };
}

export function formatTrail({ rows, isMore }: ShownTrail, proof: AuditProof, timeZone: string): string {
  const table =
    rows.length === 0
      ? 'The audit trail has no such entry.\n'
      : formatTable(
          ['no', `at (${timeZone})`, 'who', 'did', 'upload', 'run', 'why'],
          rows.map((row) => [
            row.entry_no,
            secondsOf(row.at, timeZone),
            row.who,
            row.what,
            row.upload_id ?? '',
            row.run_id ?? '',
            row.detail ?? '',
          ]),
        );
  return `${table}${isMore ? 'There are older entries: --limit shows more.\n' : ''}${chainWords(proof)}\n`;
}

function chainWords(proof: AuditProof): string {
  if (proof.kind === 'broken') return `BROKEN CHAIN: ${brokenTrailWords(proof)}`;
  const { entries, lastNo, lastHash } = proof;
  return lastHash === null
    ? 'Nothing was done at the desk yet.'
    : `The chain of all ${entries} entries is whole; its last hash is ${lastHash}, of entry ${lastNo}`;
}
