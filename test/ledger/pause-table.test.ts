import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { leavePauseRequest, takePauseRequests } from '../../src/ledger/pause-requests.ts';
import { readPublishedPauses } from '../../src/ledger/published-pauses.ts';
import { addPause, endPauses, readPausesUnderWay, readPauseUnderWay } from '../../src/ledger/pause-table.ts';
import { embeddedEngine, ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const jane = 'jane@host';
const HOUR_MS = 3_600_000;

describe.each(ledgerEngines)('pauses that persons asked for ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('the one that ends last counts, each provider has its own, and each is kept', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    expect(await readPauseUnderWay(ledger, 'a')).toBeNull();
    await addPause(ledger, { provider: 'a', lengthMs: HOUR_MS, by: jane, note: 'it restarts' });
    await addPause(ledger, { provider: 'a', lengthMs: 1_000, by: 'joe@host', note: null });
    await addPause(ledger, { provider: 'b', lengthMs: 2 * HOUR_MS, by: 'joe@host', note: null });
    const pause = await readPauseUnderWay(ledger, 'a');
    expect(pause).toMatchObject({ provider: 'a', by: jane, note: 'it restarts' });
    expect(pause?.leftMs).toBeGreaterThan(HOUR_MS - 60_000);
    expect(pause?.leftMs).toBeLessThanOrEqual(HOUR_MS);
    expect((await readPausesUnderWay(ledger)).map(({ provider, by }) => [provider, by])).toEqual([
      ['a', jane],
      ['b', 'joe@host'],
    ]);

    expect(await endPauses(ledger, 'a', 'ann@host')).toBeGreaterThanOrEqual(1);
    expect(await endPauses(ledger, 'a', 'ann@host')).toBe(0);
    expect((await readPausesUnderWay(ledger)).map(({ provider }) => provider)).toEqual(['b']);
    const kept = await ledger.query(
      `select paused_by, note, resumed_by from provider_pause where provider = 'a' order by pause_no`,
    );
    expect(kept[0]).toEqual({ paused_by: jane, note: 'it restarts', resumed_by: 'ann@host' });
    expect(kept).toHaveLength(2);
  });

  it('ends by the clock of the database', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await addPause(ledger, { provider: 'a', lengthMs: HOUR_MS, by: jane, note: null });
    await ledger.query(
      `update provider_pause set began_at = began_at - interval '2 hours', ends_at = ends_at - interval '2 hours'`,
    );
    expect(await readPauseUnderWay(ledger, 'a')).toBeNull();
    expect(await endPauses(ledger, 'a', jane)).toBe(0);
  });
});

test('requests left in the folder are brought in once, in their order; one whose time is over is dropped', async () => {
  await using opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  const folder = await mkdtemp(join(tmpdir(), 'kona-requests-'));
  try {
    const now = new Date();
    const at = (ms: number): Date => new Date(now.getTime() + ms);
    const untilHour = at(HOUR_MS).toISOString();
    const pause = { kind: 'pause', by: jane, note: null } as const;
    await leavePauseRequest(folder, { ...pause, provider: 'a', until: untilHour }, at(0));
    await leavePauseRequest(folder, { kind: 'resume', provider: 'a', by: jane }, at(1));
    const kept = await leavePauseRequest(folder, { ...pause, provider: 'b', until: untilHour }, at(2));
    await leavePauseRequest(folder, { ...pause, provider: 'late', until: at(-1).toISOString() }, at(3));
    await writeFile(join(folder, 'pause-request-000000000000000-00000000.json'), '{"kind":"other"}');
    expect(kept.isTaken()).toBe(false);

    await takePauseRequests(ledger, folder, now);
    expect(kept.isTaken()).toBe(true);
    // What is under way is left beside the ledger for those who may not open it.
    expect(await readdir(folder)).toEqual(['pauses.json']);
    const published = await readPublishedPauses(folder, now);
    expect(published?.map(({ provider }) => provider)).toEqual(
      (await readPausesUnderWay(ledger)).map(({ provider }) => provider),
    );
    expect(await readPublishedPauses(folder, new Date(now.getTime() + 30 * 86_400_000))).toEqual([]);
    await writeFile(join(folder, 'pauses.json'), '{"kind":"other"}');
    expect(await readPublishedPauses(folder, now)).toBeNull();
    expect((await readPausesUnderWay(ledger)).map(({ provider }) => provider)).toEqual(['b']);
    await takePauseRequests(ledger, folder, now);
    expect(await ledger.query('select provider from provider_pause order by pause_no')).toEqual([
      { provider: 'a' },
      { provider: 'b' },
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
