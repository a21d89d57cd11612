import { createHash } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure } from '../../src/cli/failure.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import { readRunStatus } from '../../src/cli/views/status-run.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { findRun } from '../../src/ledger/runs/run-table.ts';
import { proveRun } from '../../src/run/finish/prove-run.ts';
import { reportRun } from '../../src/run/finish/report-run.ts';
import { carryOutPurge, planPurge } from '../../src/run/purge.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf } from '../support/enrolment-world.ts';
import { type LedgerEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const DAY_MS = 86_400_000;
const TABLES = ['run', 'list_row', 'enrollment', 'attempt'] as const;

/** Exit codes of the three commands that show a proof. */
export interface Shown {
  readonly report: number;
  readonly verify: number;
  readonly status: number;
}

export async function setup(engine: LedgerEngine) {
  let instant = Date.UTC(2026, 10, 22, 16);
  const clock = { ...systemClock, now: () => new Date(instant + performance.now()) };
  const fixtures = parseFixtures(
    `cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n  - { par: ${parOf(3)}, answer: "009_999" }\n`,
  );
  const world = await createWorld({ engine, sandbox: { fixtures, now: () => clock.now() } });
  const ledger = await openLedger(world.ledger.address);
  const place = { cwd: world.cwd, flag: null };
  const reportsDirectory = join(world.cwd, 'runs');
  const run = async (flags: Record<string, unknown> = {}) => {
    const environment = await createRunEnvironment(world, ledger, { clock, flags });
    const [result] = await runJob(environment);
    if (result?.kind !== 'ran') throw new Error('refused');
    return { ...result, id: result.summary.runId };
  };
  const rowOf = async (id: string) => {
    const found = await findRun(ledger, id);
    if (found === null) throw new Error(`no run ${id}`);
    return found;
  };
  const report = async (id: string, movesAside = false) =>
    await reportRun(
      {
        ledger,
        address: world.ledger.address,
        me: { user: 'tester', host: 'here', pid: process.pid },
        clock,
        signals: silentSignals,
      },
      await rowOf(id),
      { reportsDirectory, language: null, movesAside, progress: () => undefined },
    );
  const verify = async (id: string) => {
    const proof = await proveRun(ledger, await rowOf(id), {
      folder: join(reportsDirectory, id),
      reportsDirectory,
      host: 'here',
    });
    if (proof === null) throw new Error('not proved');
    return proof;
  };
  return {
    world,
    ledger,
    run,
    report,
    verify,
    status: async (id: string) =>
      await readRunStatus(ledger, id, { place, host: 'here', program: 'kona-enroll', live: [] }),
    folderOf: (id: string) => join(reportsDirectory, id),
    purge: async () => {
      const later = new Date(instant + 100 * DAY_MS);
      const environment = {
        ledger,
        clock: { ...clock, now: () => later },
        me: { user: 'tester', host: 'here', pid: process.pid },
        reportsPlace: place,
        olderThanMs: 90 * DAY_MS,
        keepMs: 90 * DAY_MS,
        tell: () => undefined,
      };
      await carryOutPurge(environment, await planPurge(environment));
    },
    nextNight: () => {
      instant += DAY_MS;
    },
    show: async (id: string): Promise<Shown> => ({
      status: (await readRunStatus(ledger, id, { place, host: 'here', program: 'kona-enroll', live: [] }))
        .exitCode,
      verify: (await verify(id)).exitCode,
      report: await report(id).then(
        () => 0,
        (error: unknown) => describeFailure(error).exitCode,
      ),
    }),
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

export async function saveTables(ledger: OpenLedger): Promise<() => Promise<void>> {
  for (const table of TABLES) await ledger.query(`create table saved_${table} as select * from ${table}`);
  return async () => {
    await ledger.transaction(async (transaction) => {
      for (const table of TABLES) {
        await transaction.query(`delete from ${table}`);
        await transaction.query(`insert into ${table} overriding system value select * from saved_${table}`);
      }
    });
    for (const table of TABLES) await ledger.query(`drop table saved_${table}`);
  };
}

export async function saveFolder(folder: string): Promise<() => Promise<void>> {
  const saved = `${folder}.saved`;
  await rm(saved, { recursive: true, force: true });
  await cp(folder, saved, { recursive: true });
  return async () => {
    await rm(folder, { recursive: true, force: true });
    await cp(saved, folder, { recursive: true });
    await rm(saved, { recursive: true });
  };
}

/** The manifest as whoever forges it would write it: the hashes of what the folder holds. */
export async function forgeManifest(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    files: { name: string; bytes: number; sha256: string }[];
  };
  for (const file of manifest.files) {
    const bytes = await readFile(join(folder, file.name)).catch(() => null);
    if (bytes === null) continue;
    file.bytes = bytes.length;
    file.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
