import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { LEDGER_PATIENCE_MS } from '../../src/ledger/engine/patience.ts';
import { runJob } from '../../src/run/run-job.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { expectTruth } from '../support/ledger-truth.ts';
import { layCable, type LedgerCable } from '../support/ledger-cable.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram, type StartedProgram } from '../support/program.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { failureOf } from './program-output.ts';

const RECORDS = 400;
const CONCURRENCY = 8;
/** In flight when the way is cut, and as many answered and not yet durable: what another start may call again. */
const MOST_LOST = 2 * CONCURRENCY;
/** A process that has not beaten for so long may be taken over: its last call must have left before. */
const TAKE_OVER_MS = 15_000;
const EACH = 50;
const run = ['run', 'job.yaml', '--json'];
const WAITING = "the ledger's database does not answer: nothing is sent; waiting for it until ";
const BACK = "the ledger's database is back";

async function createLedgerWorld(rate = '200/s') {
  const world = await createWorld({
    engine: serverEngine,
    sandbox: { faults: { seed: 1, latencyMs: 20 } },
    job: `limits: { rate: ${rate}, concurrency: ${CONCURRENCY}, timeout: 2s }`,
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const cable = await layCable(world.ledger.databaseUrl);
  return {
    world,
    cable,
    env: { ...world.env, DATABASE_URL: cable.databaseUrl },
    [Symbol.asyncDispose]: async () => {
      await cable.cut();
      await world[Symbol.asyncDispose]();
    },
  };
}

interface RunOnCable extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly cable: LedgerCable;
  readonly program: StartedProgram;
  /** Resolves when so many times 50 outcomes were recorded. */
  readonly recorded: (times: number) => Promise<void>;
}

/** A run under way on a server at the other end of a cable. */
async function setup(rate?: string): Promise<RunOnCable> {
  const made = await createLedgerWorld(rate);
  const { world, cable, env } = made;
  const point = { name: 'recorded', count: EACH, action: 'tell-each' } as const;
  const program = startProgram(run, { cwd: world.cwd, env, point });
  await program.said('reached recorded');
  return {
    world,
    cable,
    program,
    recorded: async (times) => {
      await program.said('reached recorded', times);
    },
    [Symbol.asyncDispose]: async () => {
      program.kill('SIGKILL');
      await program.ended;
      await made[Symbol.asyncDispose]();
    },
  };
}

function countOf(text: string, said: string): number {
  return said.split(text).length - 1;
}

describe('the way to the database server in the middle of a run (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('is cut and mended, again and again: the run waits, says so once each time, and loses nothing', async () => {
    const CUTS = 4;
    await using begun = await setup();
    const { world, cable, program, recorded } = begun;
    for (let cuts = 1; cuts <= CUTS; cuts += 1) {
      await recorded(cuts);
      await cable.cut();
      await program.said(WAITING, cuts);
      const { length: calls } = world.sandbox.calls();
      expect(calls).toBeLessThan(RECORDS);
      await cable.mend();
      await program.said(BACK, cuts);
    }
    const end = await program.ended;
    await expectTruth(world, end, { records: RECORDS, mayBeLost: 0 });
    expect(countOf(WAITING, end.stderr)).toBe(CUTS);
    expect(countOf(BACK, end.stderr)).toBe(CUTS);
    expect(end.stderr).toMatch(/waiting for it until \d\d:\d\d:\d\d \(Asia\/Seoul\)\n/);
  });

  it('loses every connection at the server, again and again: no call is made twice', async () => {
    const LOSSES = 5;
    await using made = await createLedgerWorld();
    const { world } = made;
    const url = new URL(world.ledger.databaseUrl);
    const name = `lost_${process.pid}`;
    url.searchParams.set('application_name', name);
    const point = { name: 'recorded', count: EACH, action: 'tell-each' } as const;
    const env = { ...world.env, DATABASE_URL: url.href };
    const program = startProgram(run, { cwd: world.cwd, env, point });
    onTestFinished(() => {
      program.kill('SIGKILL');
    });
    const admin = new pg.Client({ connectionString: world.ledger.databaseUrl });
    await admin.connect();
    let ended = 0;
    for (let losses = 1; losses <= LOSSES; losses += 1) {
      await program.said('reached recorded', losses);
      const { rows } = await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
        [name],
      );
      ended += rows.length;
    }
    await admin.end();
    expect(ended).toBeGreaterThan(LOSSES);
    await expectTruth(world, await program.ended, { records: RECORDS, mayBeLost: 0 });
  });

  it('swallows every packet for a while: what hangs is broken off and done again', async () => {
    await using begun = await setup('50/s');
    const { world, cable, program } = begun;
    cable.silenceAll();
    const silentSince = performance.timeOrigin + performance.now();
    await program.said(WAITING);
    const lastAfter = (world.sandbox.calls().at(-1)?.arrivedAt ?? Infinity) - silentSince;
    expect(lastAfter).toBeLessThan(TAKE_OVER_MS);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    cable.hear();
    await program.said(BACK);
    await expectTruth(world, await program.ended, { records: RECORDS, mayBeLost: 0 });
  });

  it('swallows the packets of the lock alone: no call later than another may take over, and the lock is had again', async () => {
    await using begun = await setup('30/s');
    const { world, cable, program } = begun;
    cable.silenceLocks();
    await program.said(WAITING);
    await program.said(BACK);
    const end = await program.ended;
    await expectTruth(world, end, { records: RECORDS, mayBeLost: 0 });
    const arrivals = world.sandbox.calls().map((call) => call.arrivedAt);
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
    // While the lock was in doubt nothing was sent.
    expect(Math.max(...gaps)).toBeGreaterThan(500);
  });

  it('is cut, and another process takes the run over meanwhile: the first one changes nothing more', async () => {
    await using begun = await setup();
    const { world, cable, program } = begun;
    await cable.cut();
    await program.said(WAITING);
    const other = await runProgram(run, world);
    await expectTruth(world, other, { records: RECORDS, mayBeLost: MOST_LOST });
    const ledger = await openLedger(world.ledger.address);
    const tables = async () => [
      await ledger.query('select * from run'),
      await ledger.query('select * from list_row order by row_no'),
      await ledger.query('select * from enrollment order by record_no'),
      await ledger.query('select * from attempt order by attempt_no'),
    ];
    const before = await tables();
    await cable.mend();
    expect(failureOf(await program.ended, 8)).toContain('taken this run over');
    expect(await tables()).toEqual(before);
    await ledger.close();
  });

  it('stays cut: the run ends when patience does, and the next start completes it', async () => {
    await using made = await createLedgerWorld();
    const { world, cable, env } = made;
    const clock = createHurryingClock();
    const told: { what: 'waiting' | 'back'; at: number; until?: number }[] = [];
    const ledger = await openLedger({ kind: 'server', url: cable.databaseUrl });
    let recorded = 0;
    let cutAt = Infinity;
    const signals = {
      reached: (point: string) => {
        if (point === 'recorded') recorded += 1;
        if (recorded !== EACH || cutAt < Infinity) return;
        cutAt = clock.now().getTime();
        clock.hurry(40);
        void cable.cut();
      },
    };
    const environment = await createRunEnvironment({ ...world, env }, ledger, { clock, signals });
    const observer = {
      ...environment.observer,
      ledgerWaiting: (until: Date) =>
        told.push({ what: 'waiting', at: clock.now().getTime(), until: until.getTime() }),
      ledgerBack: () => told.push({ what: 'back', at: clock.now().getTime() }),
    };
    const address = { kind: 'server', url: cable.databaseUrl } as const;
    await expect(runJob({ ...environment, observer, address })).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    await ledger.close();
    expect(told.map(({ what }) => what)).toEqual(['waiting']);
    const at = told[0]?.at ?? 0;
    const until = told[0]?.until ?? 0;
    // However long the machine left this process waiting, of a time that runs forty times as fast.
    expect(until).toBeGreaterThanOrEqual(cutAt + LEDGER_PATIENCE_MS);
    expect(until).toBeLessThanOrEqual(at + LEDGER_PATIENCE_MS);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    await expectTruth(world, await runProgram(run, world), { records: RECORDS, mayBeLost: MOST_LOST });
  });

  it('is not there at the start: exit 8 at once, without waiting', async () => {
    await using made = await createLedgerWorld();
    const { world, cable, env } = made;
    await cable.cut();
    const end = await runProgram(run, { cwd: world.cwd, env });
    expect(failureOf(end, 8)).toMatch(/^the ledger's database is not available: /);
    expect(end.stderr).not.toContain(WAITING);
  });
});

interface HurryingClock extends Clock {
  /** From here on time runs so many times as fast as it does. */
  hurry(times: number): void;
}

/** Until it hurries it is the machine's: calls that are under way must not run out of time on a busy one. */
function createHurryingClock(): HurryingClock {
  const began = Date.now() - systemClock.monotonic();
  let since = 0;
  let passed = 0;
  let speed = 1;
  const monotonic = (): number => passed + (systemClock.monotonic() - since) * speed;
  return {
    now: () => new Date(began + monotonic()),
    monotonic,
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms / speed, signal);
    },
    hurry: (times) => {
      passed = monotonic();
      since = systemClock.monotonic();
      speed = times;
    },
  };
}
