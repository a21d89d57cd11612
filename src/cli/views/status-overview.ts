import type { Actor } from '../../domain/class.ts';
import type { ExitCause } from '../../domain/exit-cause.ts';
import { listNeeds, needsOf } from '../../domain/work.ts';
import { readLiveJobs, type LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { readPausesUnderWay } from '../../ledger/pause-table.ts';
import { readLastRuns, type RunRow } from '../../ledger/runs/run-table.ts';
import {
  countOpenByKind,
  readLastReconciliations,
  type ListedReconciliation,
  type OpenBreaks,
} from '../../ledger/proofs/status-figures.ts';
import { readStoredWork } from '../../ledger/proofs/stored-proofs.ts';
import { zoneOfRun } from '../../report/report-settings.ts';
import { tellEnd } from '../../report/texts/cause-texts.ts';
import { pageTextsIn } from '../../report/texts/page-texts-in.ts';
import { actorOfEnd } from '../../report/verdict.ts';
import { isLeft, leftLine } from './left-runs.ts';
import { describePause, formatPauses } from './pause-view.ts';
import { flowParts, flowWords } from '../terminal/flowing-line.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import { wallTime } from '../../domain/time/wall-time.ts';

const RUNS_SHOWN = 10;
const RECONCILIATIONS_SHOWN = 5;

export interface Overview {
  readonly document: object;
  readonly text: string;
  /** Jobs of other processes, on a server. */
  readonly live: readonly LiveJob[];
}

/**
 * Returns where the last runs stand, in lines that fit a screen. It reads no rows, whatever the size of their lists.
 * `program`: how to start the program.
 */
export async function readOverview(ledger: OpenLedger, program: string): Promise<Overview> {
  const runs = await readLastRuns(ledger, RUNS_SHOWN);
  const asked = await readLastReconciliations(ledger, RECONCILIATIONS_SHOWN);
  const breaks = await countOpenByKind(ledger);
  const pauses = await readPausesUnderWay(ledger);
  const live = ledger.engine === 'server' ? await readLiveJobs(ledger) : [];
  return {
    document: {
      runs: runs.map((run) => ({ ...describeRun(run), died: isLeft(run, live) })),
      reconciliations: asked.map(describeReconciliation),
      pauses: pauses.map(describePause),
      openBreaks: Object.fromEntries(breaks.map((one) => [one.kind, one.breaks])),
    },
    text: [
      formatPauses(pauses),
      runs.length === 0 ? 'The ledger holds no run yet.\n' : formatRuns(runs),
      ...(asked.length === 0 ? [] : [formatReconciliations(asked)]),
      ...runs.filter((run) => isLeft(run, live)).map((run) => `\n${flowWords(leftLine(run))}`),
      ...formatBreaks(breaks, program),
    ].join(''),
    live,
  };
}

/** Returns a run for JSON, as far as its own row tells. */
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
    timeZone: zoneOfRun(run),
    needs: work === null ? null : needsOf(work),
    actorOfEnd: actorOfEnd(run.exit_cause),
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
    actorOfEnd: actorOfEnd(one.exit_cause),
    startedAt: one.started_at.toISOString(),
    finishedAt: one.finished_at?.toISOString() ?? null,
    timeZone: zoneOfRun(one),
  };
}

function formatRuns(runs: readonly RunRow[]): string {
  const times = timesOf(runs);
  const blocks = runs.map(
    (run) =>
      formatBlock(run.id, [
        ...stateParts(run),
        times.of(run),
        `${rowWords(run)}${quoteName(run.list_name)}`,
        run.provider,
        ...formatNeeds(run),
      ]) + formatWhy(run),
  );
  return [flowWords(`Last runs${times.zone}:`), ...blocks].join('');
}

/** The id begins a line, because a person copies it into the next command. */
function formatBlock(id: string, parts: readonly string[]): string {
  return flowParts([id], '') + flowParts(parts, '  ');
}

function stateParts(one: {
  readonly state: string;
  readonly exit_code: number | null;
  readonly exit_cause: ExitCause | null;
}): string[] {
  if (one.exit_code === null) return [one.state];
  return [`${one.state}, exit ${one.exit_code}${one.exit_cause === null ? '' : ` ${one.exit_cause}`}`];
}

/** Says why a run ended and what to correct, where somebody must act on that, in the words of its report. */
function formatWhy({ state, exit_cause: exitCause }: RunRow): string {
  const told = actorOfEnd(exitCause) === null ? null : tellEnd({ state, exitCause }, 'en');
  return told === null ? '' : flowWords(told, '  ');
}

function rowWords({ rows_read: rows }: RunRow): string {
  if (rows === null) return '';
  return `${rowCount(rows)} of `;
}

function rowCount(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

/**
 * Says who must act, because of how the run ended and on how many rows, as counted at its end. A run without an end
 * is not counted yet, and older versions counted no rows.
 */
function formatNeeds(run: RunRow): string[] {
  const work = readStoredWork(run);
  const forEnd = actorOfEnd(run.exit_cause);
  if (work === null && forEnd === null) return [];
  const parts = listNeeds(work ?? [], forEnd).map(({ actor, rows: count, becauseOfEnd: isForEnd }) => {
    if (count === 0) return becauseOfEnd(actor);
    const rows = `${actor.replace('_', ' ')} (${rowCount(count)})`;
    return isForEnd ? `${rows} and ${pageTextsIn('en').becauseOfEnd}` : rows;
  });
  return [parts.length === 0 ? 'nobody must act' : `must act: ${parts.join(', ')}`];
}

function becauseOfEnd(actor: Actor): string {
  return `${actor.replace('_', ' ')} ${pageTextsIn('en').becauseOfEnd}`;
}

function formatReconciliations(asked: readonly ListedReconciliation[]): string {
  const times = timesOf(asked);
  const blocks = asked.map((one) =>
    formatBlock(one.id, [
      ...stateParts(one),
      times.of(one),
      ...[
        countWords(one.members, 'members'),
        countWords(one.answered, 'answered'),
        countWords(one.unclear, 'unclear'),
      ].flat(),
      one.provider,
      ...formatEndActor(one),
    ]),
  );
  return ['\n', flowWords(`Members asked for at the provider${times.zone}:`), ...blocks].join('');
}

function formatEndActor({ exit_cause: exitCause }: ListedReconciliation): string[] {
  const actor = actorOfEnd(exitCause);
  return actor === null ? [] : [`must act: ${becauseOfEnd(actor)}`];
}

function countWords(count: number | null, what: string): string[] {
  return count === null ? [] : [`${count} ${what}`];
}

function formatBreaks(breaks: readonly OpenBreaks[], program: string): string[] {
  const sum = breaks.reduce((total, one) => total + one.breaks, 0);
  const kinds = breaks.map((one) => `${one.kind} ${one.breaks}`).join(', ');
  return sum === 0
    ? []
    : ['\n', flowWords(`Open breaks: ${sum} (${kinds}); ${program} reconcile lists them`)];
}

interface Timed {
  readonly id: string;
  readonly settings: unknown;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

/**
 * Returns when each began and ended, in the time zone of its settings; `zone` names it once where it is the same for
 * all.
 */
function timesOf(all: readonly Timed[]): {
  readonly zone: string;
  readonly of: (one: Timed) => string;
} {
  const [zone = '', ...others] = new Set(all.map(zoneOfRun));
  const isOne = others.length === 0;
  return {
    zone: isOne ? `, times in ${zone}` : '',
    of: (one) => {
      const began = wallTime(one.started_at, zoneOfRun(one));
      const words = one.finished_at === null ? `began ${began}` : `${began} to ${endWords(one, began)}`;
      return isOne ? words : `${words} ${zoneOfRun(one)}`;
    },
  };
}

/** Leaves out the day where it is the day on which the run began. */
function endWords(one: Timed, began: string): string {
  if (one.finished_at === null) return '';
  const ended = wallTime(one.finished_at, zoneOfRun(one));
  const [day = '', time = ''] = ended.split(' ');
  return began.startsWith(day) ? time : ended;
}
