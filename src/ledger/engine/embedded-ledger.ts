import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { PGlite } from '@electric-sql/pglite';
import { z } from 'zod';
import { isTimeZone } from '../../config/job-file/setting-schemas.ts';
import { messageOf } from '../../domain/error-words.ts';
import { USUAL_TIME_ZONE, zonedTimeOfText } from '../../domain/time/wall-time.ts';
import { readHolder, takeFolderLock, type FolderLock, type Holder } from './folder-lock.ts';
import { preparedClusterFile, unpackCluster } from './prepared-cluster.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import { LedgerError, type Ledger, type Parameter, type Queryable } from '../ledger-port.ts';

/** Major version of the engine in our PGlite; its files can't be read by another. */
export const ENGINE_VERSION = '18';

/**
 * Every start fills these buffers with zeros: at the engine's own 128 MB that took 0.1 s of CPU and 75 MB more memory.
 * A run of 40,000 records took the same CPU a record with 16, 32, 64 and 128 MB.
 */
const SHARED_BUFFERS = '64MB';

/**
 * How much a function of the engine must have run before V8 compiles it once more, for speed: forty times V8's own figure.
 * Three large functions alone took that compiler 0.7 s of CPU at each start. A `status` takes 0.9 s of CPU, and took 1.6 s
 * with ten times that figure; runs of 3,000 and of 20,000 records take the same with both.
 */
const TIERING_BUDGET = 500_000_000;

export interface EmbeddedLedger extends Ledger {
  readonly engine: 'embedded';
  /** Names of the schema steps that its folder was made with just now; none where it was there before. */
  readonly stepsMadeWith: readonly string[];
  publish(holder: Holder): void;
  readonly engineAccess: EngineAccess;
}

/** The engine for a library that brings its own SQL: a turn for each text, between the ledger's own statements. */
export interface EngineAccess {
  /** One statement. */
  query: PGlite['query'];
  /** Several; where one of them fails, no transaction that they began stays open. */
  exec(sql: string): Promise<{ rows: object[] }[]>;
}

/** The cause of LEDGER_HELD: the process that has the ledger. Null holder: it has not said who it is yet. */
export class LedgerHeldError extends LedgerError {
  readonly holder: Holder | null;
  constructor(folder: string, holder: Holder | null) {
    const who = holder === null ? 'another process' : holderWords(holder);
    super('LEDGER_HELD', `the embedded ledger ${folder} is open in ${who}`);
    this.holder = holder;
  }
}

const progressSchema = z.object({ timeZone: z.string().refine(isTimeZone) });

/** Tells since when in the zone of the holder's job, as far as the holder has said which that is. */
function holderWords({ pid, host, since, progress }: Holder): string {
  const timeZone = progressSchema.safeParse(progress).data?.timeZone ?? USUAL_TIME_ZONE;
  return `process ${pid} on ${host}, since ${zonedTimeOfText(since, timeZone)}`;
}

/**
 * Opens a ledger on the Postgres engine inside this process (PGlite), in `folder`. Only one process at a time may have
 * it open: a second one would destroy the first one's commits without an error. Its files survive kill -9. They are not
 * synced, so they do not survive a power cut. `prepared`: the file a new one is unpacked from.
 */
export async function openEmbeddedLedger(
  folder: string,
  prepared: URL | string = preparedClusterFile,
): Promise<EmbeddedLedger> {
  const lock = await takeFolderLock(folder).catch((error: unknown) => {
    throw new LedgerError(
      'LEDGER_UNUSABLE',
      `the ledger's folder ${folder} can't be used: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  });
  if (lock === null) throw new LedgerHeldError(folder, readHolder(folder));
  try {
    return createLedger(await startEngine(folder, prepared), lock, identifyFolder(folder));
  } catch (error) {
    lock.release();
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(
      'LEDGER_UNUSABLE',
      `the embedded ledger ${folder} does not start: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

interface Engine {
  readonly engine: PGlite;
  readonly prepared: PreparedStatements;
  readonly stepsMadeWith: readonly string[];
}

async function startEngine(folder: string, prepared: URL | string): Promise<Engine> {
  // Read by V8 when it compiles the engine, whose first start this is in the process.
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  // Loaded only where the ledger is embedded: with a server nobody needs it.
  const { PGlite } = await import('@electric-sql/pglite');
  const { PreparedStatements } = await import('./prepared-statements.ts');
  const data = join(folder, 'pgdata');
  const stepsMadeWith = existsSync(data) ? [] : await createCluster(PGlite, folder, data, prepared);
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version !== ENGINE_VERSION) {
    throw new LedgerError(
      'LEDGER_UNUSABLE',
      `the embedded ledger ${folder} was written by engine ${version}, this program has ${ENGINE_VERSION}: ` +
        'open it with the program that wrote it, or name another folder',
    );
  }
  const INT8 = 20;
  const NUMERIC = 1700;
  const asText = (value: string): string => value;
  const engine = await PGlite.create(data, {
    parsers: { [INT8]: asText, [NUMERIC]: asText },
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
  });
  return { engine, prepared: new PreparedStatements(engine), stepsMadeWith };
}

/** Tells whether a ledger was ever made there; opening a folder without one makes it. */
export function isEmbeddedLedger(folder: string): boolean {
  return existsSync(join(folder, 'pgdata'));
}

/** Made under another name and renamed, so that a kill in the middle leaves nothing that looks like a ledger. */
async function createCluster(
  engine: typeof PGlite,
  folder: string,
  data: string,
  prepared: URL | string,
): Promise<readonly string[]> {
  const unfinished = join(folder, 'pgdata.new');
  rmSync(unfinished, { recursive: true, force: true });
  const steps = await unpackCluster(unfinished, prepared);
  if (steps === null) {
    const cluster = await engine.create(unfinished);
    await cluster.close();
  }
  renameSync(unfinished, data);
  return steps ?? [];
}

/** Identifies the folder: a copy has another path or file number, or another host. */
function identifyFolder(folder: string): string {
  const { dev, ino } = statSync(join(folder, 'pgdata'), { bigint: true });
  return [hostname(), dev, ino, realpathSync(folder)].join(' ');
}

function createLedger(
  { engine, prepared, stepsMadeWith }: Engine,
  lock: FolderLock,
  folderIdentity: string,
): EmbeddedLedger {
  const turns = new Turns();
  return {
    engine: 'embedded',
    stepsMadeWith,
    bulk: null,
    folderIdentity,
    query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
      await turns.take(async () => await runStatement<Row>(prepared, engine, sql, parameters)),
    transaction: async <Result>(work: (transaction: Queryable) => Promise<Result>) =>
      await turns.take(
        async () =>
          await engine.transaction(
            async (transaction) =>
              await work({
                query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
                  await runStatement<Row>(prepared, transaction, sql, parameters),
              }),
          ),
      ),
    publish: (holder) => {
      lock.publish(holder);
    },
    engineAccess: {
      query: async (...given) => await turns.take(async () => await engine.query(...given)),
      exec: async (sql) =>
        await turns.take(async () => {
          try {
            return await engine.exec(sql);
          } catch (error) {
            await engine.exec('rollback');
            throw error;
          }
        }),
    },
    close: async () => {
      await engine.close();
      lock.release();
    },
  };
}

/** Lets one caller use the engine at a time, in the order they came. */
class Turns {
  private last: Promise<unknown> = Promise.resolve();

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => null);
    return await turn;
  }
}

async function runStatement<Row extends object>(
  prepared: PreparedStatements,
  on: Pick<PGlite, 'query'>,
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<Row[]> {
  try {
    return (await prepared.query<Row>(sql, parameters)) ?? (await on.query<Row>(sql, [...parameters])).rows;
  } catch (error) {
    throw new LedgerError(
      'LEDGER_STATEMENT',
      `the ledger's database refused a statement: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
