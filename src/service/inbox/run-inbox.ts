import { dirname } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import type { ConfiguredList, Inbox } from '../../config/configured-list.ts';
import { endBy } from '../../domain/exit-cause.ts';
import { ListRefusedError } from '../../intake/list-errors.ts';
import { readNamedRuns, type NamedRuns } from '../../intake/named-runs.ts';
import { noteInbox } from '../../ledger/inbox-table.ts';
import { HandedBackError } from '../../run/handed-back-source.ts';
import { JobHeldError } from '../../run/lock/lock-job.ts';
import { endsJob, notBegun, runInOrder, runLists, withJobLock } from '../../run/run-job.ts';
import type { LockedEnvironment, RefusedList, RunEnvironment, RunResult } from '../../run/run-environment.ts';
import { waitForFiles, type InboxFile } from './inbox-scan.ts';
import { finishMoves, InboxTurns } from './inbox-turns.ts';

type ListEnd = RunResult | RefusedList;

/** Returns the configuration under which a result file that is handed back runs; rejects where there is none. */
export type ConfigureHandedBack = (
  environment: Pick<RunEnvironment, 'ledger'>,
  file: Pick<InboxFile, 'name' | 'path'>,
  found: NamedRuns,
) => Promise<Configuration>;

/**
 * Runs every ready list in an inbox, holding the job's lock from the first look to the last move. A list whose run is
 * complete goes to `done/`, a refused one to `refused/`; any other stays, and the same start continues it. Returns an
 * empty array where there was no list.
 */
export async function runInbox(
  environment: RunEnvironment,
  inbox: Inbox,
  configure: ConfigureHandedBack,
): Promise<ListEnd[]> {
  return await withJobLock(environment, async (locked) => {
    const { ledger, clock, stop, observer, logger } = locked;
    await noteInbox(ledger, inbox.folder, clock.now());
    const stuck = await finishMoves(locked, inbox.folder);
    const { ready, left } = await waitForFiles(inbox.folder, clock, stop);
    for (const sentence of left) {
      logger.warn('a file stays in the inbox', { sentence });
      observer.warned(sentence);
    }
    const files = ready.filter(({ identity }) => !stuck.identities.has(identity));
    const { own, handedBack } = await sortFiles(inbox, files, locked.configuration);
    const results = [...stuck.results, ...(own.length === 0 ? [] : await runOwn(locked, inbox, own))];
    const last = results.at(-1);
    if (handedBack.length === 0 || last === undefined || !endsJob(last))
      return [...results, ...(await runHandedBack(locked, handedBack, configure))];
    return [...results, notBegun(handedBack.length, last)];
  });
}

interface HandedBackFile {
  readonly file: InboxFile;
  readonly found: NamedRuns;
}

/**
 * Separates the files: our own result files run under the settings of their run, all others under those of the job.
 */
async function sortFiles(
  { sheet }: Inbox,
  files: readonly InboxFile[],
  { listOptions }: Configuration,
): Promise<{ readonly own: readonly InboxFile[]; readonly handedBack: readonly HandedBackFile[] }> {
  const own: InboxFile[] = [];
  const handedBack: HandedBackFile[] = [];
  for (const file of files) {
    const found = await namedRunsOf(file, sheet, listOptions.encoding);
    if (found === null || found.runs.length === 0) own.push(file);
    else handedBack.push({ file, found });
  }
  return { own, handedBack };
}

/** Returns the runs of a result file; null: it is none. One that is cut off is refused when it is read as a list. */
export async function namedRunsOf(
  { path }: Pick<InboxFile, 'path'>,
  sheet: string | null,
  encoding: Parameters<typeof readNamedRuns>[1],
): Promise<NamedRuns | null> {
  try {
    return await readNamedRuns({ kind: 'file', path, sheet }, encoding);
  } catch (error) {
    if (error instanceof ListRefusedError) return null;
    throw error;
  }
}

async function runOwn(
  locked: LockedEnvironment,
  inbox: Inbox,
  files: readonly InboxFile[],
): Promise<ListEnd[]> {
  const turns = new InboxTurns(locked, inbox.folder, files);
  const lists = files.map(({ path }): ConfiguredList => ({ kind: 'file', path, sheet: inbox.sheet }));
  try {
    const results = await runLists(locked, lists, turns);
    return [...results, ...turns.failures];
  } catch (error) {
    // A start with a single file would reject; report its refusal as with several files.
    const [only] = files;
    if (!(error instanceof ListRefusedError) || only === undefined || files.length > 1) throw error;
    const refused: RefusedList = {
      kind: 'refused',
      ...endBy('list_refused', error.message),
      korean: error.korean,
    };
    await turns.refused(only, refused);
    return [refused, ...turns.failures];
  }
}

/** Runs each under the lock of its own job as well; the inbox's lock keeps other starts from the file. */
async function runHandedBack(
  locked: LockedEnvironment,
  handedBack: readonly HandedBackFile[],
  configure: ConfigureHandedBack,
): Promise<ListEnd[]> {
  const failures: RefusedList[] = [];
  const results = await runInOrder(locked, handedBack, async ({ file, found }): Promise<ListEnd> => {
    const turns = new InboxTurns(locked, dirname(file.path), [file]);
    try {
      const configuration = await configure(locked, file, found);
      const [result] = await withJobLock(
        { ...locked, configuration },
        async (own) => await runLists(own, configuration.lists, turns),
      );
      if (result === undefined) throw new Error('a list was run and has no end');
      return result;
    } catch (error) {
      // The file stays, and the next start takes it.
      if (error instanceof JobHeldError)
        return { kind: 'refused', ...endBy('held', error.message), korean: null };
      if (!(error instanceof ListRefusedError || error instanceof HandedBackError)) throw error;
      const korean = error instanceof ListRefusedError ? error.korean : null;
      const refused: RefusedList = { kind: 'refused', ...endBy('list_refused', error.message), korean };
      await turns.refused(file, refused);
      return refused;
    } finally {
      failures.push(...turns.failures);
    }
  });
  return [...results, ...failures];
}
