import { describe, expect, test } from 'vitest';
import { Canary } from '../../src/dispatch/guards/canary.ts';
import type { RunPoint } from '../../src/domain/run-signals.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import type { ListRow } from '../../src/domain/list-row.ts';
import { claimFree, releaseClaims } from '../../src/ledger/runs/claiming.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { createRecords, notePlanned } from '../../src/ledger/runs/planning.ts';
import { createRun, raiseEpoch, setRunState, type RunRow } from '../../src/ledger/runs/run-table.ts';
import { createCanary, RunClaims } from '../../src/run/calling/run-claims.ts';
import { embeddedEngine, openTestLedger } from '../support/ledgers.ts';
import { createStubClock, oneTurn, until } from '../support/stub-clock.ts';

const provider = 'provider-a';

describe('a run has a canary', () => {
  test.each([
    ['of a list more than twice as long', 20, 41, null, 20],
    ['not of a list that is half canary', 20, 40, null, null],
    ['not where it is switched off', 0, 1_000, null, null],
    ['not where it was found well before', 20, 1_000, 'passed', null],
    ['again where it tripped', 20, 1_000, 'tripped', 20],
    ['again where it tripped, of whatever is left', 20, 7, 'tripped', 7],
  ] as const)('%s', (_, size, due, found, expected) => {
    expect(createCanary(size, { due, found })?.size ?? null).toBe(expected);
  });
});

function listRow(rowNo: number): ListRow {
  const userId = String(1_000_000_000 + rowNo) as UserId;
  const par = `PAR${String(rowNo).padStart(24, '0')}` as Par;
  return { rowNo, line: rowNo + 1, cells: [userId, par], content: { kind: 'record', userId, par } };
}

async function planRun(ledger: Ledger, name: string, rows: readonly ListRow[]): Promise<[RunRow, RunFence]> {
  const run = await createRun(ledger, {
    id: name,
    job: name,
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: name,
    again: false,
    settings: {},
    startedAt: new Date('2026-11-22T16:00:00Z'),
  });
  const fence = await raiseEpoch(ledger, run.run_no);
  await stageRows(ledger, fence, rows);
  await ledger.transaction(async (transaction) => await createRecords(transaction, run.run_no, provider));
  await notePlanned(ledger, run.run_no);
  await setRunState(ledger, run.run_no, 'dispatching');
  return [run, fence];
}

interface SetupOptions {
  readonly records: number;
  readonly canary?: number;
  readonly limit?: number;
  /** Rows that another run, whose process lives, has in hand. */
  readonly others?: readonly number[];
}

/** A planned run on a ledger of its own; nothing moves its clock but the test. */
async function setup({ records, canary: size, limit, others = [] }: SetupOptions) {
  const { ledger, ...rest } = await openTestLedger(embeddedEngine);
  const rows = Array.from({ length: records }, (_, index) => listRow(index + 1));
  const [run, fence] = await planRun(ledger, 'ours', rows);
  const theirs = rows.filter((row) => others.includes(row.rowNo));
  const [other, otherFence] = await planRun(ledger, 'theirs', theirs);
  const all = { provider, inHand: new Set<string>() };
  await claimFree(ledger, otherFence, all, records);
  const clock = createStubClock();
  const stop = new AbortController();
  const canary = size === undefined ? null : new Canary(size);
  const reached: RunPoint[] = [];
  let deathsAsked = 0;
  let marks = 0;
  const claims = new RunClaims({
    ledger,
    run,
    fence,
    canary,
    limit: limit ?? null,
    due: records,
    nights: 14,
    settleDeadRuns: async () => {
      deathsAsked += 1;
      await Promise.resolve();
    },
    clock,
    signals: { reached: (point) => reached.push(point) },
    stop: stop.signal,
  });
  /** Rows of the next set; null: there is none. */
  const next = async (): Promise<number[] | null> =>
    (await claims.next())?.records.map((record) => record.rowNo) ?? null;
  const recordNos = new Map<number, string>();
  const readNumbers = await ledger.query<{ record_no: string; par: string }>(
    'select record_no, par from enrollment',
  );
  for (const { record_no: recordNo, par } of readNumbers) recordNos.set(Number(par.slice(3)), recordNo);
  return {
    ledger,
    claims,
    canary,
    clock,
    stop,
    reached,
    next,
    deathsAsked: () => deathsAsked,
    freeOthers: async () => {
      await releaseClaims(ledger, other.run_no);
    },
    /** Marks the calls of these rows; those that are left to others. */
    mark: async (rowNos: readonly number[]) => {
      marks += 1;
      const at = new Date();
      const left = await claims.mark(
        rowNos.map((rowNo) => ({
          recordNo: recordNos.get(rowNo) ?? '',
          call: 'register',
          correlationId: `call-${marks}-${rowNo}`,
          at,
        })),
      );
      return rowNos.filter((rowNo) => left.has(recordNos.get(rowNo) ?? ''));
    },
    /** The calls of these rows end. */
    weigh: (rowNos: readonly number[], name: 'enrolled' | 'bad_data') => {
      for (const rowNo of rowNos) {
        canary?.observe(recordNos.get(rowNo) ?? '', { class: name, isFinal: true, isHeld: false });
      }
    },
    readCanary: async () =>
      (await ledger.query<{ canary: string | null }>(`select canary from run where id = 'ours'`))[0]?.canary,
    [Symbol.asyncDispose]: rest[Symbol.asyncDispose],
  };
}

test('all records in list order, then no more', async () => {
  await using world = await setup({ records: 3 });
  expect(await world.next()).toEqual([1, 2, 3]);
  expect(await world.next()).toBeNull();
  expect(world.reached).toEqual(['claimed']);
});

test('a limit leaves the rest', async () => {
  await using world = await setup({ records: 5, limit: 2 });
  expect(await world.next()).toEqual([1, 2]);
  expect(await world.next()).toBeNull();
});

test('what another run has in hand comes when it lets go, and is asked for once a second', async () => {
  await using world = await setup({ records: 3, others: [2] });
  expect(await world.next()).toEqual([1, 3]);
  const waiting = world.next();
  await until(() => world.clock.sleeping === 1);
  expect(world.clock.waits).toEqual([1_000]);
  await world.clock.advance(1_000);
  expect(await waiting).toEqual([]);
  expect(world.deathsAsked()).toBe(1);
  await world.freeOthers();
  expect(await world.next()).toEqual([2]);
  expect(await world.next()).toBeNull();
});

test('a record that another run takes before its first mark counts for no limit and comes at the end', async () => {
  await using world = await setup({ records: 4, limit: 3 });
  expect(await world.next()).toEqual([1, 2, 3]);
  const [third, thirdFence] = await planRun(world.ledger, 'third', [listRow(2)]);
  await claimFree(world.ledger, thirdFence, { provider, inHand: new Set() }, 1);
  expect(await world.mark([1, 2, 3])).toEqual([2]);
  await releaseClaims(world.ledger, third.run_no);
  // The limit leaves one. In list order the fourth is next, and after it nothing may be taken.
  expect(await world.next()).toEqual([4]);
  expect(await world.mark([4])).toEqual([]);
  expect(await world.next()).toBeNull();
});

test('without a limit it comes when the list was gone through', async () => {
  await using world = await setup({ records: 3 });
  expect(await world.next()).toEqual([1, 2, 3]);
  expect(await world.next()).toBeNull();
  const [third, thirdFence] = await planRun(world.ledger, 'third', [listRow(2)]);
  await claimFree(world.ledger, thirdFence, { provider, inHand: new Set() }, 1);
  expect(await world.mark([1, 2, 3])).toEqual([2]);
  await releaseClaims(world.ledger, third.run_no);
  // Now it looks again, though it has said that there is no more.
  expect(await world.next()).toEqual([]);
  expect(await world.next()).toEqual([2]);
  expect(await world.mark([2])).toEqual([]);
  expect(await world.next()).toBeNull();
});

test('asked to stop it does not wait for others', async () => {
  await using world = await setup({ records: 2, others: [2] });
  expect(await world.next()).toEqual([1]);
  const waiting = world.next();
  await until(() => world.clock.sleeping === 1);
  world.stop.abort();
  expect(await waiting).toBeNull();
  expect(await world.next()).toBeNull();
});

describe('a canary', () => {
  test('nobody else is given out before it is found well, which is remembered first', async () => {
    await using world = await setup({ records: 12, canary: 4 });
    const first = (await world.next()) ?? [];
    expect(first).toEqual([3, 6, 9, 12]);
    const waiting = world.next();
    await until(() => world.clock.sleeping === 1);
    await world.clock.advance(199);
    expect(world.clock.sleeping).toBe(1);
    await world.clock.advance(1);
    // Records of the canary that come again by now are handed out in between.
    expect(await waiting).toEqual([]);
    const next = world.next();
    await until(() => world.clock.sleeping === 1);
    world.weigh(first, 'enrolled');
    expect(await next).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
    expect(await world.readCanary()).toBe('passed');
    expect(await world.next()).toBeNull();
  });

  test('its records count for a limit', async () => {
    await using world = await setup({ records: 12, canary: 4, limit: 5 });
    world.weigh((await world.next()) ?? [], 'enrolled');
    expect(await world.next()).toEqual([1]);
    expect(await world.next()).toBeNull();
  });

  test('tripped, or asked to stop, nobody else is given out', async () => {
    await using world = await setup({ records: 12, canary: 4 });
    const first = (await world.next()) ?? [];
    const waiting = world.next();
    await until(() => world.clock.sleeping === 1);
    world.stop.abort();
    expect(await waiting).toEqual([]);
    world.weigh(first, 'bad_data');
    expect(await world.next()).toEqual([]);
    expect(await world.readCanary()).toBeNull();
  });

  test('others take the place of those that another run has in hand', async () => {
    await using world = await setup({ records: 12, canary: 4, others: [3, 6, 9] });
    expect(await world.next()).toEqual([12]);
    expect(await world.next()).toEqual([1, 2, 4]);
    expect(world.deathsAsked()).toBe(1);
    world.weigh([12, 1, 2, 4], 'enrolled');
    expect(await world.next()).toEqual([5, 7, 8, 10, 11]);
  });

  test('it waits where too few are free, and those it has are given out meanwhile', async () => {
    await using world = await setup({ records: 4, canary: 4, others: [1, 2, 3] });
    expect(await world.next()).toEqual([4]);
    const waiting = world.next();
    await until(() => world.clock.sleeping === 1);
    await world.clock.advance(999);
    expect(world.clock.sleeping).toBe(1);
    // One that fails says nothing of a list of which the others are still to come.
    world.weigh([4], 'bad_data');
    expect(world.canary?.result.kind).toBe('open');
    await world.clock.advance(1);
    expect(await waiting).toEqual([]);
    await world.freeOthers();
    expect(await world.next()).toEqual([1, 2, 3]);
    world.weigh([1, 2, 3], 'bad_data');
    expect(world.canary?.result.kind).toBe('tripped');
    expect(await world.next()).toEqual([]);
  });

  test('the run ends with what it has when others leave nothing', async () => {
    await using world = await setup({ records: 4, canary: 4, others: [1, 2] });
    expect(await world.next()).toEqual([3, 4]);
    await world.ledger.query(`update list_row set class = 'enrolled', settled = true where row_no <= 2`);
    expect(await world.next()).toBeNull();
  });

  test('asked to stop it waits no longer for others, and looks no more', async () => {
    await using world = await setup({ records: 2, canary: 2, others: [1, 2] });
    expect(await world.next()).toEqual([]);
    const waiting = world.next();
    await until(() => world.clock.sleeping === 1);
    world.stop.abort();
    expect(await waiting).toEqual([]);
    await oneTurn();
    expect(await world.next()).toEqual([]);
    expect(world.deathsAsked()).toBe(1);
  });
});
