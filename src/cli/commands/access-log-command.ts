import { exitCodeOfCause } from '../../domain/exit-cause.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { secondsOf, USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { parseAge } from '../../config/job-file/duration.ts';
import { proveAuditTrail } from '../../ledger/desk/audit-proof.ts';
import { readAuditTrail } from '../../ledger/desk/audit-trail.ts';
import { readAccessLog, type AccessRow } from '../../ledger/privacy/access-log-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readLastRuns } from '../../ledger/runs/run-table.ts';
import { zoneOfRun } from '../../report/report-settings.ts';
import type { Host } from '../host.ts';
import { withLedger } from '../session/ledger-session.ts';
import { formatTable } from '../terminal/table.ts';
import { describeTrail, formatTrail } from '../views/audit-view.ts';
import { UsageError } from '../usage-error.ts';

const SHOWN_BY_DEFAULT = 100;

/**
 * Shows who was shown or given whole ids. A reason is free text, so anything in it that looks like an id is masked.
 */
export async function accessLogCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly since?: string | undefined;
    readonly trail?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  const since = sinceOf(argv.since, host.clock.now());
  if (argv.trail === true) return await showAuditTrail(argv, host, since);
  await withLedger(host, argv, async (ledger, { flags }) => {
    const zone = await zoneOfTimes(ledger);
    const limit = flags.limit ?? SHOWN_BY_DEFAULT;
    const found = (await readAccessLog(ledger, { since, limit: limit + 1 })).map(withoutIds);
    const rows = found.slice(0, limit);
    const isMore = found.length > limit;
    host.stdout.write(
      flags.json
        ? `${JSON.stringify({ entries: rows.map(describe), isMore }, null, 2)}\n`
        : formatLog(rows, isMore, zone),
    );
  });
  return exitCodes.done;
}

/** Shows who did what at the desk. Exit 9 where the chain is broken, whatever is shown. */
async function showAuditTrail(
  argv: Readonly<Record<string, unknown>>,
  host: Host,
  since: Date | null,
): Promise<ExitCode> {
  return await withLedger(host, argv, async (ledger, { flags }) => {
    const proof = await proveAuditTrail(ledger);
    const limit = flags.limit ?? SHOWN_BY_DEFAULT;
    const found = await readAuditTrail(ledger, { since, limit: limit + 1 });
    const shown = { rows: found.slice(0, limit), isMore: found.length > limit };
    host.stdout.write(
      flags.json
        ? `${JSON.stringify({ chain: proof, ...describeTrail(shown) }, null, 2)}\n`
        : formatTrail(shown, proof, await zoneOfTimes(ledger)),
    );
    return exitCodeOfCause(proof.kind === 'broken' ? 'totals' : 'done');
  });
}

function sinceOf(text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const age = parseAge(text);
  if (age === null) throw new UsageError('--since: expected a duration of 3650d at most, such as 30d');
  return new Date(now.getTime() - age);
}

function withoutIds(row: AccessRow): AccessRow {
  const reason = row.reason === null ? null : maskIdsInText(row.reason);
  return { ...row, reason };
}

/**
 * Returns the time zone of the last run. All times are in it, whatever each entry is about, so that they can be
 * compared.
 */
async function zoneOfTimes(ledger: Queryable): Promise<string> {
  const [lastRun] = await readLastRuns(ledger, 1);
  return lastRun === undefined ? USUAL_TIME_ZONE : zoneOfRun(lastRun);
}

function formatLog(rows: readonly AccessRow[], isMore: boolean, timeZone: string): string {
  if (rows.length === 0) return 'The access log has no such entry.\n';
  const table = formatTable(
    [`at (${timeZone})`, 'who', 'did', 'what', 'rows', 'why'],
    rows.map((row) => [
      secondsOf(row.at, timeZone),
      `${row.actor}@${row.host}`,
      row.action,
      row.what,
      row.rows,
      row.reason ?? '',
    ]),
  );
  return isMore ? `${table}There are older entries: --limit shows more.\n` : table;
}

function describe(row: AccessRow): object {
  return { ...row, at: row.at.toISOString() };
}
