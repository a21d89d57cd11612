import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { startProviderFront } from '../support/provider-front.ts';
import { failureOf } from './program-output.ts';
import { figuresOf, reconcile, setup, startLater, toldBy, truthOf } from './reconciled-world.ts';

describe.each(ledgerEngines)('reconcile --against provider ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('finds each kind, shows no ids, and closes what is gone', async () => {
    const conflict = parseFixtures(`cards:\n  - { par: ${parOf(3)}, answer: "007_012" }\n`);
    await using world = await setup(engine, 6, { sandbox: { fixtures: conflict } });
    await using later = await startLater({ 1: [1], 3: [3], 5: [5, 4], 6: [6, 77] });
    const found = await reconcile(world, later);
    const told = toldBy(found);
    expect(told).toMatchObject({
      state: 'complete',
      exitCode: 3,
      members: 6,
      answered: 6,
      unclear: 0,
      calls: 6,
    });
    expect(told.reason).toBe('complete; 5 open breaks');
    expect(figuresOf(told)).toEqual({
      unknown_to_us: [2, 0, 0],
      missing_at_provider: [2, 0, 0],
      other_member: [1, 0, 0],
    });
    expect(later.stats()).toMatchObject({ calls: 0, inquiries: 6 });
    const said = `${found.stdout}${found.stderr}`;
    // Whole, as the provider's support needs it.
    expect(said.match(/inquiry \d{12}-[0-9a-f]{7}\b/g)).toHaveLength(5);
    for (let number = 1; number <= 6; number += 1) {
      expect(said).not.toContain(userIdOf(number));
      expect(said).not.toContain(parOf(number));
    }

    await using right = await startLater({ ...truthOf(6), 3: [] });
    const gone = toldBy(await reconcile(world, right));
    expect(gone).toMatchObject({ exitCode: 0, reason: 'complete; no open breaks' });
    expect(figuresOf(gone)).toEqual({
      unknown_to_us: [0, 0, 2],
      missing_at_provider: [0, 0, 2],
      other_member: [0, 0, 1],
    });
  });

  it('killed in the middle it goes on, and nobody who was answered is asked again', async () => {
    const MEMBERS = 40;
    await using world = await setup(engine, MEMBERS);
    await using later = await startLater({ ...truthOf(MEMBERS), 1: [] });
    const killed = await reconcile(world, later, {
      point: { name: 'recorded', count: 20, action: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const asked = later.stats().inquiries;
    const ended = await reconcile(world, later);
    const told = toldBy(ended);
    expect(ended.stderr).toContain(`continuing reconciliation ${told.reconciliationId} `);
    expect(ended.stderr).toMatch(/\n40 members · \d+ to ask for · \d+ answered before\n/);
    expect(told).toMatchObject({ state: 'complete', exitCode: 3, members: MEMBERS, answered: MEMBERS });
    expect(figuresOf(told)).toEqual({ missing_at_provider: [1, 0, 0] });
    // What was in flight is asked again, and what was in the set that was being written.
    const more = later.stats().inquiries - asked;
    expect(more).toBeGreaterThanOrEqual(MEMBERS - asked);
    expect(more).toBeLessThanOrEqual(MEMBERS - 20 + 4);
    expect(told.calls).toBeGreaterThanOrEqual(later.stats().inquiries);
  });

  it('stopped by a signal it drains, and goes on', async () => {
    await using world = await setup(engine, 30);
    await using later = await startLater(truthOf(30));
    const stopped = toldBy(
      await reconcile(world, later, { point: { name: 'recorded', count: 5, action: 'SIGTERM' } }),
    );
    expect(stopped).toMatchObject({
      exitCode: 143,
      state: 'stopped',
      reason: 'stopped by SIGTERM',
      breaks: null,
    });
    expect(stopped.answered).toBe(later.stats().inquiries);
    expect(stopped.answered).toBeLessThan(30);
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({
      exitCode: 0,
      reconciliationId: stopped.reconciliationId,
      calls: 30,
      answered: 30,
    });
    expect(later.stats().inquiries).toBe(30);
  });
});

describe('reconcile --against provider', () => {
  test('asks again after 429, 5xx and silence; who gives no plans at all stays unclear and keeps its breaks', async () => {
    await using world = await setup(embeddedEngine, 4);
    await using empty = await startLater({});
    expect(toldBy(await reconcile(world, empty))).toMatchObject({ exitCode: 3 });
    await using later = await startLater(truthOf(4), [
      `  - { user: "${userIdOf(1)}", inquiryFaults: ["429", "500 before", "reset before"] }`,
      `  - { user: "${userIdOf(2)}", inquiryFaults: ["reset before", "garbage before", "502 before"] }`,
      `  - { user: "${userIdOf(3)}", inquiryFaults: ["000_002 before"] }`,
    ]);
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({ state: 'complete', exitCode: 4, members: 4, answered: 2, unclear: 2 });
    expect(told.reason).toBe('complete; the provider gave no plans for 2 members, 2 open breaks');
    expect(told.calls).toBe(4 + 3 + 1 + 1);
    expect(figuresOf(told)).toEqual({ missing_at_provider: [2, 0, 2] });
    const after = toldBy(await reconcile(world, later));
    expect(after).toMatchObject({ exitCode: 0, answered: 4, calls: 4 });
    expect(figuresOf(after)).toEqual({ missing_at_provider: [0, 0, 4] });
  });

  test('a provider that goes away ends it with exit 7; later it goes on', async () => {
    await using world = await setup(embeddedEngine, 60, {
      job: 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\nretry: { attempts: 20, backoff: 10ms..80ms }',
    });
    await using later = await startLater(truthOf(60));
    await using front = await startProviderFront({
      baseUrl: later.baseUrl,
      fallsAfter: 20,
      whileInFlight: 1,
      refuses: Infinity,
    });
    const stopped = toldBy(await reconcile(world, front));
    expect(stopped).toMatchObject({ exitCode: 7, state: 'stopped' });
    expect(stopped.reason).toContain('no answer we can read to 20 calls in a row');
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({ exitCode: 0, reconciliationId: stopped.reconciliationId, answered: 60 });
  });

  test('a provider that knows no such call: exit 7, and the words say what was asked', async () => {
    await using world = await setup(embeddedEngine, 2);
    const told = toldBy(await reconcile(world, { baseUrl: `${world.sandbox.baseUrl}/nothing-here` }));
    expect(told).toMatchObject({ exitCode: 7, state: 'stopped', answered: 0 });
    expect(told.reason).toContain("asked for a member's plans, a call that not every provider knows");
  });

  test('a sample asks for so many members, and closes only theirs', async () => {
    await using world = await setup(embeddedEngine, 12);
    await using empty = await startLater({});
    expect(figuresOf(toldBy(await reconcile(world, empty)))).toEqual({ missing_at_provider: [12, 0, 0] });
    await using right = await startLater(truthOf(12));
    const sample = toldBy(await reconcile(world, right, { argv: ['--sample', '5'] }));
    expect(sample).toMatchObject({ members: 5, answered: 5, calls: 5, exitCode: 3 });
    expect(figuresOf(sample)).toEqual({ missing_at_provider: [7, 0, 5] });
    expect(right.stats()).toMatchObject({ inquiries: 5 });
    expect(failureOf(await reconcile(world, right, { argv: ['--sample', '0'] }), 2)).toContain('--sample');
  });

  test('--limit ends it early; other members asked for close it', async () => {
    await using world = await setup(embeddedEngine, 10);
    await using right = await startLater(truthOf(10));
    const limited = toldBy(await reconcile(world, right, { argv: ['--limit', '3'] }));
    expect(limited).toMatchObject({ exitCode: 6, state: 'stopped', answered: 3, calls: 3 });
    expect(limited.reason).toBe('stopped by --limit 3; 7 members were still to be asked for');
    const sample = await reconcile(world, right, { argv: ['--sample', '2'] });
    expect(sample.stderr).toContain(
      `closed, because it asked for other members: ${limited.reconciliationId}\n`,
    );
    expect(toldBy(sample)).toMatchObject({ exitCode: 0, members: 2 });
    const whole = toldBy(await reconcile(world, right));
    expect(whole).toMatchObject({ exitCode: 0, calls: 10 });
    expect(whole.reconciliationId).not.toBe(limited.reconciliationId);
  });

  test('without a run whose settings it could take it says so', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    expect(failureOf(await reconcile(world, world.sandbox), 2)).toContain('--job-file');
    await world.writeList('list.csv', listOf(1));
    const other = await reconcile(world, world.sandbox, { argv: ['--job-file', 'job.yaml'] });
    expect(toldBy(other)).toMatchObject({ exitCode: 0, members: 0, calls: 0, breaks: [] });
  });
});
