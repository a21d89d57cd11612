import { join } from 'node:path';
import { reportsDirectoryOf, type ReportsPlace } from '../config/reports-directory.ts';
import type { Clock } from '../domain/clock.ts';
import { noteAccess, type UserAtHost } from '../ledger/privacy/access-log-table.ts';
import { countOldAudit, forgetAuditEntries } from '../ledger/desk/audit-purge.ts';
import { readRowExtent } from '../ledger/runs/reported-rows.ts';
import type { OpenLedger } from '../ledger/engine/open-ledger.ts';
import { keepPurgedFolder } from '../ledger/proofs/run-folder-table.ts';
import { countUnlistedRecords, deleteCandidates, noteCandidates } from '../ledger/privacy/purging-records.ts';
import {
  countForgettable,
  countOldAccess,
  countOldFindings,
  countOldUnfinishedRuns,
  deleteAskedMembers,
  deleteInquiries,
  deleteOldAccess,
  findOldRuns,
  firstAttempt,
  forgetAttempts,
  forgetBreaks,
  forgetRows,
  notePurgeBegun,
  notePurged,
  vacuumPurged,
  type AttemptPlace,
  type OldRun,
} from '../ledger/privacy/purging.ts';
import { deleteBreakLists, findOldBreakLists } from '../report/breaks/old-break-lists.ts';
import { findFoldersAside } from '../report/folder/changed-files.ts';
import { deleteLogs, findOldLogs, inspectFolder, purgeFolder } from '../report/folder/purged-folder.ts';

/** Rows a statement changes. It takes a fraction of a second, so that a kill loses little and nobody waits long. */
const SET = 5_000;

const DAY_MS = 86_400_000;

export interface PurgeEnvironment {
  readonly ledger: OpenLedger;
  readonly clock: Clock;
  readonly me: UserAtHost;
  readonly reportsPlace: ReportsPlace;
  /** Data older than this is forgotten; null: `report.keep` of each run decides. */
  readonly olderThanMs: number | null;
  /** The age for runs without `report.keep`, and for data that belongs to no run. */
  readonly keepMs: number;
  /** Told one sentence at a time. */
  readonly tell: (sentence: string) => void;
}

/** What a purge forgets, or has forgotten. */
export interface PurgeCounts {
  readonly runs: number;
  readonly rows: number;
  readonly attempts: number;
  readonly records: number;
  readonly breaks: number;
  readonly members: number;
  readonly inquiries: number;
  readonly accessEntries: number;
  readonly auditEntries: number;
  readonly folders: number;
  readonly files: number;
  /** Folders with lists of open breaks, beside the run folders. */
  readonly breakLists: number;
  readonly logs: number;
}

const nothing: PurgeCounts = {
  runs: 0,
  rows: 0,
  attempts: 0,
  records: 0,
  breaks: 0,
  members: 0,
  inquiries: 0,
  accessEntries: 0,
  auditEntries: 0,
  folders: 0,
  files: 0,
  breakLists: 0,
  logs: 0,
};

/** The plan of a purge, counted before anything is changed. */
export interface PurgePlan {
  readonly now: Date;
  /** Runs to forget, oldest first; includes runs of which only the folder is left. */
  readonly runs: readonly OldRun[];
  readonly counts: PurgeCounts;
  /** Old runs that stay because they may still be continued. */
  readonly unfinishedRuns: number;
  /** Runs to be forgotten whose folder is not where it was written. */
  readonly missingFolders: readonly string[];
  /** Paths of files in run folders that stay there. */
  readonly leftFiles: readonly string[];
}

export async function planPurge(environment: PurgeEnvironment): Promise<PurgePlan> {
  const { ledger, clock } = environment;
  const now = clock.now();
  const age = { ...environment, now };
  const runs = await findOldRuns(ledger, age);
  const due = runs.filter((run) => !run.is_purged);
  const numbers = due.map((run) => run.run_no);
  const before = beforeOf(environment, now);
  const folders = await lookIntoFolders(environment, runs);
  const counts = await countForgettable(ledger, numbers);
  return {
    now,
    runs,
    counts: {
      runs: due.length,
      ...counts,
      records: await countUnlistedRecords(ledger, recordsBefore(environment, now), numbers),
      ...(await countOldFindings(ledger, before)),
      accessEntries: await countOldAccess(ledger, before, now),
      auditEntries: await countOldAudit(ledger, { before, now }),
      folders: folders.toPurge,
      files: folders.files,
      breakLists: namesOf(await findOld(environment, runs, before, findOldBreakLists)),
      logs: namesOf(await findOld(environment, runs, before, findOldLogs)),
    },
    unfinishedRuns: await countOldUnfinishedRuns(ledger, age),
    missingFolders: folders.missing,
    leftFiles: folders.left,
  };
}

/**
 * A record that stands in no list has outlived all its lists, each of which was kept as long as its job says. It stays
 * one more day after the last outcome from elsewhere.
 */
function recordsBefore({ olderThanMs }: PurgeEnvironment, now: Date): Date {
  return new Date(now.getTime() - (olderThanMs ?? DAY_MS));
}

/** The age of data that belongs to no run. */
function beforeOf({ olderThanMs, keepMs }: PurgeEnvironment, now: Date): Date {
  return new Date(now.getTime() - (olderThanMs ?? keepMs));
}

function directoryOf({ reportsPlace }: PurgeEnvironment, run: OldRun): string {
  return reportsDirectoryOf(run.directory ?? 'runs', reportsPlace);
}

async function lookIntoFolders(environment: PurgeEnvironment, runs: readonly OldRun[]) {
  const missing: string[] = [];
  const left: string[] = [];
  let toPurge = 0;
  let files = 0;
  for (const run of runs) {
    const own = join(directoryOf(environment, run), run.id);
    let lists = 0;
    for (const folder of [own, ...(await findFoldersAside(own))]) {
      const found = await inspectFolder(folder);
      if (found === null && !run.is_purged) missing.push(run.id);
      left.push(...(found?.others ?? []).map((name) => join(folder, name)));
      lists += found?.lists.length ?? 0;
    }
    files += lists;
    if (lists > 0) toPurge += 1;
  }
  return { missing, left, toPurge, files };
}

interface OldFiles {
  readonly directory: string;
  readonly names: readonly string[];
}

/** Finds, in each directory of run folders, the other folders of ours that are older than `before`. */
async function findOld(
  environment: PurgeEnvironment,
  runs: readonly OldRun[],
  before: Date,
  find: (directory: string, before: Date) => Promise<string[]>,
): Promise<OldFiles[]> {
  const directories = [...new Set(runs.map((run) => directoryOf(environment, run)))];
  return await Promise.all(
    directories.map(async (directory) => ({ directory, names: await find(directory, before) })),
  );
}

function namesOf(found: readonly OldFiles[]): number {
  return found.reduce((sum, { names }) => sum + names.length, 0);
}

/**
 * Forgets what the plan found, set by set. After a kill anywhere, the next purge goes on with it. It holds up no run
 * that is under way. Rejects with LedgerError, or with ReportFolderError before the run's rows are forgotten.
 */
export async function carryOutPurge(environment: PurgeEnvironment, plan: PurgePlan): Promise<PurgeCounts> {
  const { ledger } = environment;
  const { now } = plan;
  const before = beforeOf(environment, now);
  const done = { ...nothing };
  for (const run of plan.runs) {
    const files = await forgetFolder(environment, run, now);
    done.files += files;
    if (files > 0) done.folders += 1;
    if (run.is_purged) continue;
    const forgotten = await forgetRun(environment, run, now);
    done.runs += 1;
    done.rows += forgotten.rows;
    done.attempts += forgotten.attempts;
  }
  done.records = await forgetRecords(environment, recordsBefore(environment, now));
  for (const { directory, names } of await findOld(environment, plan.runs, before, findOldBreakLists)) {
    await deleteBreakLists(directory, names);
    done.breakLists += names.length;
  }
  for (const { directory, names } of await findOld(environment, plan.runs, before, findOldLogs)) {
    await deleteLogs(directory, names);
    done.logs += names.length;
  }
  done.accessEntries = await deleteOldAccess(ledger, before, now);
  done.auditEntries = await forgetAuditEntries(ledger, { before, now });
  done.breaks = await inSets(async () => await forgetBreaks(ledger, before, SET));
  done.members = await inSets(async () => await deleteAskedMembers(ledger, before, SET));
  done.inquiries = await inSets(async () => await deleteInquiries(ledger, before, SET));
  if (done.records > 0) await notePurgeOf(environment, 'records in no list', done.records);
  await vacuumPurged(ledger);
  return done;
}

/** Removes the lists before the rows, because a run counts as purged only when its lists are gone too. */
async function forgetFolder(environment: PurgeEnvironment, run: OldRun, now: Date): Promise<number> {
  if (!run.is_purged) await notePurgeBegun(environment.ledger, run.run_no, now);
  const folder = join(directoryOf(environment, run), run.id);
  let files = 0;
  for (const one of [folder, ...(await findFoldersAside(folder))]) {
    files += await purgeFolder(one, now, async (before, after) => {
      await keepPurgedFolder(environment.ledger, run.run_no, { before, after, at: now });
    });
  }
  return files;
}

/** Keeps who purged, in the access log. */
async function notePurgeOf(
  { ledger, me, clock }: PurgeEnvironment,
  what: string,
  rows: number,
): Promise<void> {
  await noteAccess(ledger, me, { at: clock.now(), action: 'purged', what, rows, reason: null });
}

async function forgetRun(environment: PurgeEnvironment, run: OldRun, now: Date) {
  const { ledger, tell } = environment;
  const { lastRowNo } = await readRowExtent(ledger, run.run_no);
  let rows = 0;
  for (let after = 0; after < lastRowNo; after += SET) {
    rows += await forgetRows(ledger, run.run_no, after, SET);
  }
  let attempts = 0;
  let place: AttemptPlace | null = firstAttempt;
  while (place !== null) {
    const page = await forgetAttempts(ledger, run.run_no, place, SET);
    attempts += page.forgotten;
    place = page.next;
  }
  await notePurgeOf(environment, `run ${run.id}`, rows);
  await notePurged(ledger, run.run_no, now);
  tell(`forgot ${run.id}: ${rows} rows, ${attempts} attempts`);
  return { rows, attempts };
}

/** Repeats `forget` until a set is empty. Resolves with the total. */
async function inSets(forgetSet: () => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const forgotten = await forgetSet();
    if (forgotten === 0) return all;
    all += forgotten;
  }
}

async function forgetRecords({ ledger }: PurgeEnvironment, before: Date): Promise<number> {
  if ((await noteCandidates(ledger, before)) === 0) return 0;
  let records = 0;
  for (;;) {
    const { seen, deleted } = await deleteCandidates(ledger, before, SET);
    records += deleted;
    if (seen < SET) return records;
  }
}
