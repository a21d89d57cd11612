import { join } from 'node:path';
import type { ConfiguredList } from '../../config/configured-list.ts';
import { failedClasses } from '../../domain/class.ts';
import { messageOf } from '../../domain/error-words.ts';
import { endBy } from '../../domain/exit-cause.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import { noteAccess } from '../../ledger/privacy/access-log-table.ts';
import { findUnmovedFiles, noteMoved, noteTakenFile, type UnmovedFile } from '../../ledger/inbox-table.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import type { ListTurns } from '../../run/run-job.ts';
import type { LockedEnvironment, RefusedList, RunResult } from '../../run/run-environment.ts';
import type { ReadList } from '../../run/start/read-lists.ts';
import { moveToDone, moveToRefused, RESULT_FILES } from './inbox-folders.ts';
import { identityOf, type InboxFile } from './inbox-scan.ts';

/** Handles the files of an inbox around their runs. A move that fails is a result of its own, with exit code 8. */
export class InboxTurns implements ListTurns {
  readonly failures: RefusedList[] = [];
  private readonly environment: LockedEnvironment;
  private readonly folder: string;
  private readonly files: ReadonlyMap<string, InboxFile>;
  private readonly runs = new Map<string, number>();

  constructor(environment: LockedEnvironment, folder: string, files: readonly InboxFile[]) {
    this.environment = environment;
    this.folder = folder;
    this.files = new Map(files.map((file) => [file.path, file]));
  }

  /** A list that somebody changed while it was read is not run; it stays for the next start. */
  async check(list: ConfiguredList, read: ReadList): Promise<ReadList> {
    const file = this.fileOf(list);
    if (read.kind === 'refused' || (await identityOf(file.path)) === file.identity) return read;
    return { kind: 'refused', ...endBy('list_refused', changedWords(file)), korean: null };
  }

  async begins(list: ConfiguredList, runNo: number): Promise<void> {
    const { name, path, identity } = this.fileOf(list);
    this.runs.set(path, runNo);
    await noteTakenFile(this.environment.ledger, runNo, { folder: this.folder, name, identity });
  }

  async ended(list: ConfiguredList, result: RunResult | RefusedList): Promise<void> {
    const file = this.fileOf(list);
    if (result.kind === 'refused') await this.refused(file, result);
    else if (result.summary.state === 'complete') await this.done(file, result);
  }

  async refused(file: InboxFile, { reason, korean }: RefusedList): Promise<void> {
    // Somebody is writing it: a fault that it has now may be gone when it is complete.
    if ((await identityOf(file.path)) !== file.identity) return;
    const { clock, logger, observer } = this.environment;
    try {
      const why = { en: reason, ko: korean ?? '영어로만 제공되는 사유입니다.' };
      const place = await moveToRefused(this.folder, file.name, { at: clock.now(), why });
      logger.info('a refused list was moved', { folder: place });
      observer.warned(`${quoteName(file.name)} lies in ${place} now, with the reason beside it`);
    } catch (error) {
      this.failures.push(notMoved(this.environment, file.name, error));
    }
  }

  private async done(file: InboxFile, { folder, summary }: RunResult): Promise<void> {
    const run_no = this.runs.get(file.path);
    if (run_no === undefined) throw new Error('a list that had no turn is done');
    const { name, identity } = file;
    const taken = { run_no, run_id: summary.runId, folder: this.folder, name, identity };
    const failure = await moveDone(this.environment, taken, folder);
    if (failure !== null) this.failures.push(failure);
  }

  private fileOf(list: ConfiguredList): InboxFile {
    const file = list.kind === 'file' ? this.files.get(list.path) : undefined;
    if (file === undefined) throw new Error('a list that is none of the inbox was run with it');
    return file;
  }
}

/** The results of moves that an earlier start had left. */
export interface FinishedMoves {
  /** Files whose run is complete but which can't be moved; they are not run again. */
  readonly identities: ReadonlySet<string>;
  readonly results: readonly RefusedList[];
}

/** Moves the files that a process left which died after the manifest was written; makes no calls. */
export async function finishMoves(environment: LockedEnvironment, folder: string): Promise<FinishedMoves> {
  const { ledger, configuration } = environment;
  const identities = new Set<string>();
  const results: RefusedList[] = [];
  for (const file of await findUnmovedFiles(ledger, folder)) {
    const failure = await moveDone(environment, file, join(configuration.reportsDirectory, file.run_id));
    if (failure === null) continue;
    identities.add(file.identity);
    results.push(failure);
  }
  return { identities, results };
}

/**
 * Moves the list to its result, where its owner looks for it. The access log gets its entry first. Returns null when
 * done.
 */
async function moveDone(
  environment: LockedEnvironment,
  file: UnmovedFile,
  runFolder: string,
): Promise<RefusedList | null> {
  const { ledger, clock, me, signals } = environment;
  const isThere = (await identityOf(join(file.folder, file.name))) === file.identity;
  try {
    const what = `inbox done/${file.run_id}: ${RESULT_FILES.join(', ')}`;
    signals.reached('inbox_move');
    const classes = await countClasses(ledger, file.run_no);
    const rows = failedClasses.reduce((sum, name) => sum + classes[name], 0);
    await noteAccess(ledger, me, { at: clock.now(), action: 'exported', what, rows, reason: null });
    await moveToDone(file.folder, { name: file.name, isThere }, { id: file.run_id, folder: runFolder });
  } catch (error) {
    return notMoved(environment, file.name, error);
  }
  await noteMoved(ledger, file.run_no, clock.now());
  return null;
}

function notMoved({ logger }: LockedEnvironment, name: string, error: unknown): RefusedList {
  const reason =
    `${quoteName(name)} was processed, but can't be moved out of the inbox: ${messageOf(error)}. ` +
    'It is not run again; give the program the right to write there, and the next start moves it';
  logger.error('a list of the inbox was not moved', { reason });
  return { kind: 'refused', ...endBy('folder', reason), korean: null };
}

function changedWords({ name }: InboxFile): string {
  return `${quoteName(name)} was changed while it was being read; it stays in the inbox, and the next start takes it`;
}
