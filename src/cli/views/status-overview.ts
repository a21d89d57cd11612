import { needsOf, neededActors } from '../../domain/work.ts';
import { readLiveJobs, type LiveJob } from '../../ledger/locks/job-lease.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { readLastRuns, type RunRow } from '../../ledger/runs/run-table.ts';
import {
  countOpenByKind,
  readLastReconciliations,
  type ListedReconciliation,
  type OpenBreaks,
} from '../../ledger/proofs/status-figures.ts';
import { readStoredWork } from '../../ledger/proofs/stored-proofs.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import { isLeft, leftLine } from './left-runs.ts';
import { formatTable } from '../terminal/table.ts';
import { wallTime } from '../wall-time.ts';

const RUNS_SHOWN = 10;
const RECONCILIATIONS_SHOWN = 5;

/** Of how many rows each must act on, as of the run's end: while it has none, nobody has counted. */
const NOT_COUNTED = '–';

export interface Overview {
  readonly document: object;
  readonly text: string;
  /** Of other processes, on a server. */
  readonly live: readonly LiveJob[];
}

/** Where the last runs stand; whatever the size of their lists, no row of one is looked at. */
export async function readOverview(ledger: OpenLedger): Promise<Overview> {
  const runs = await readLastRuns(ledger, RUNS_SHOWN);
  const asked = await readLastReconciliations(ledger, RECONCILIATIONS_SHOWN);
  const breaks = await countOpenByKind(ledger);
  const live = ledger.engine === 'server' ? await readLiveJobs(ledger) : [];
  return {
    document: {
      runs: runs.map((run) => ({ ...describeRun(run), died: isLeft(run, live) })),
      reconciliations: asked.map(describeReconciliation),
      openBreaks: Object.fromEntries(breaks.map((one) => [one.kind, one.breaks])),
    },
    text: [
      runs.length === 0 ? 'The ledger holds no run yet.\n' : formatRuns(runs),
      ...(asked.length === 0 ? [] : ['\nMembers asked for at the provider:\n', formatReconciliations(asked)]),
      ...runs.filter((run) => isLeft(run, live)).map(leftLine),
      ...formatBreaks(breaks),
    ].join(''),
    live,
  };
}

/** A run in JSON, as far as its own row tells of it. */
export function describeRun(run: RunRow): object {
  const work = readStoredWork(run);
  return {
    runId: run.id,
    job: run.job,
    kind: run.kind,
    state: run.state,
    provider: run.provider,
    list: { name: run.list_name, rowsRead: run.rows_read },
    exitCode: run.exit_code,
    exitCause: run.exit_cause,
    exitReason: run.exit_reason,
    startedAt: run.started_at.toISOString(),
    finishedAt: run.finished_at?.toISOString() ?? null,
    supersededBy: run.superseded_by,
    programVersion: run.program_version,
    timeZone: zoneOf(run),
    needs: work === null ? null : needsOf(work),
    purgedAt: run.purge_began_at?.toISOString() ?? null,
  };
}

function describeReconciliation(one: ListedReconciliation): object {
  return {
    reconciliationId: one.id,
    job: one.job,
    provider: one.provider,
    state: one.state,
    sample: one.sample,
    members: one.members,
    answered: one.answered,
    unclear: one.unclear,
    exitCode: one.exit_code,
    exitCause: one.exit_cause,
    exitReason: one.exit_reason,
    startedAt: one.started_at.toISOString(),
    finishedAt: one.finished_at?.toISOString() ?? null,
    timeZone: zoneOf(one),
  };
}

function formatRuns(runs: readonly RunRow[]): string {
  const times = timesOf(runs);
  return formatTable(
    ['run', 'state', 'exit', 'rows', 'need somebody', ...times.header, 'list', 'provider'],
    runs.map((run) => [
      run.id,
      run.state,
      run.exit_code ?? '',
      run.rows_read ?? '',
      formatNeeds(run),
      ...times.cells(run),
      run.list_name,
      run.provider,
    ]),
  );
}

/** Rows by who must act on them. */
function formatNeeds(run: RunRow): string {
  const work = readStoredWork(run);
  if (work === null) return NOT_COUNTED;
  const needs = needsOf(work);
  const parts = neededActors
    .filter((actor) => needs[actor] > 0)
    .map((actor) => `${actor.replace('_', ' ')} ${needs[actor]}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function formatReconciliations(asked: readonly ListedReconciliation[]): string {
  const times = timesOf(asked);
  return formatTable(
    ['reconciliation', 'state', 'exit', 'members', 'answered', 'unclear', ...times.header, 'provider'],
    asked.map((one) => [
      one.id,
      one.state,
      one.exit_code ?? '',
      one.members ?? '',
      one.answered ?? '',
      one.unclear ?? '',
      ...times.cells(one),
      one.provider,
    ]),
  );
}

function formatBreaks(breaks: readonly OpenBreaks[]): string[] {
  const sum = breaks.reduce((total, one) => total + one.breaks, 0);
  const kinds = breaks.map((one) => `${one.kind} ${one.breaks}`).join(', ');
  return sum === 0 ? [] : [`\nOpen breaks: ${sum} (${kinds}); reconcile lists them\n`];
}

interface Timed {
  readonly id: string;
  readonly settings: unknown;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

/** When each began and ended, in the time zone of its settings; the headings name it where it is the same of all. */
function timesOf(all: readonly Timed[]): {
  readonly header: readonly [string, string];
  readonly cells: (one: Timed) => [string, string];
} {
  const [zone = '', ...others] = new Set(all.map(zoneOf));
  const isOne = others.length === 0;
  const told = (at: Date | null, one: Timed): string =>
    at === null ? '' : `${wallTime(at, zoneOf(one))}${isOne ? '' : ` ${zoneOf(one)}`}`;
  return {
    header: [isOne ? `began (${zone})` : 'began', 'ended'],
    cells: (one) => [told(one.started_at, one), told(one.finished_at, one)],
  };
}

function zoneOf({ settings, id }: Pick<Timed, 'settings' | 'id'>): string {
  return readReportSettings(settings, id).settings.timeZone;
}
