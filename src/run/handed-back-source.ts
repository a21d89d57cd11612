import type { Words } from '../domain/language.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import { findRuns } from '../ledger/runs/run-choice.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { retryJobOf } from './derived-jobs.ts';

/** A list of ours that can't be run under the settings of the runs it names. Exit code 2. */
export class HandedBackError extends Error {
  readonly code = 'HANDED_BACK';
  readonly korean: string;

  constructor({ en, ko }: Words) {
    super(en);
    this.korean = ko;
  }
}

const RUNS_NAMED = 5;

/** What becomes of a list with runs that the ledger does not know; they pass where its settings come from elsewhere. */
export type UnknownRuns = 'refuse' | 'pass';

/** A list of ours by its name, and the runs that its rows name. */
interface ListOfRuns {
  readonly name: string;
  readonly runs: readonly string[];
}

/**
 * The newest of the runs that the rows of a list name; its settings are those the list runs under. Null: the ledger
 * knows none of them. Rejects with HandedBackError where it does not know one, unless they pass, and where they are of
 * several jobs or providers.
 */
export async function findHandedBackSource(
  on: Queryable,
  { name, runs }: ListOfRuns,
  unknownRuns: UnknownRuns,
): Promise<RunRow | null> {
  const found = await findRuns(on, runs);
  const known = new Set(found.map(({ id }) => id));
  const unknown = runs.filter((id) => !known.has(id));
  if (unknown.length > 0 && unknownRuns === 'refuse') throw new HandedBackError(unknownWords(name, unknown));
  const [newest, ...others] = found;
  if (newest === undefined) return null;
  const belongs = (run: RunRow): boolean =>
    retryJobOf(run.job) === retryJobOf(newest.job) && run.provider === newest.provider;
  if (!others.every(belongs)) throw new HandedBackError(severalWords(name, found));
  return newest;
}

function unknownWords(file: string, unknown: readonly string[]): Words {
  const runs = unknown.length === 1 ? 'run' : 'runs';
  const { en, ko } = firstOf(unknown);
  return {
    en:
      `${file} is a list of ours with rows of ${runs} ${en}, which this ledger does not know: ` +
      'start in the folder the run was started in, or name its ledger with --database-url; ' +
      'where that ledger is gone, --job-file gives the settings',
    ko:
      `${file} 파일은 실행 ${ko}의 결과 파일인데, 이 원장에 그 실행이 없습니다. ` +
      '그 실행을 시작한 곳에 다시 제출하거나 운영 담당자에게 문의해 주십시오.',
  };
}

function severalWords(file: string, runs: readonly RunRow[]): Words {
  const named = runs.map(({ id, job, provider }) => `${id} (job ${job}, provider ${provider})`);
  const { en, ko } = firstOf(named);
  return {
    en:
      `${file} has rows of runs that don't belong to one job and provider: ${en}; ` +
      'hand back the rows of each in a list of their own',
    ko: `${file} 파일에 작업이나 제공사가 서로 다른 실행의 행이 섞여 있습니다: ${ko}. 실행마다 파일을 나누어 제출해 주십시오.`,
  };
}

function firstOf(words: readonly string[]): Words {
  const more = words.length - RUNS_NAMED;
  const named = words.slice(0, RUNS_NAMED).join(', ');
  return {
    en: `${named}${more > 0 ? ` and ${more} more` : ''}`,
    ko: `${named}${more > 0 ? ` 외 ${more}건` : ''}`,
  };
}
