import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { lockAllowance, readPause, writePause } from '../../src/ledger/runs/allowance-table.ts';
import { ledgerEngines } from '../support/ledgers.ts';

describe.each(ledgerEngines)('a pause for every process ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is read until it ends; a longer one under way stands, and each provider has its own', async () => {
    const world = await engine.create();
    const ledger = await openLedger(world.address);
    try {
      expect(await readPause(ledger, 'a')).toBeNull();
      await writePause(ledger, 'a', { leftMs: 600_000, why: 'throttled' });
      await writePause(ledger, 'a', { leftMs: 1_000, why: 'breaker' });
      const pause = await readPause(ledger, 'a');
      expect(pause?.why).toBe('throttled');
      expect(pause?.leftMs).toBeGreaterThan(500_000);
      expect(pause?.leftMs).toBeLessThanOrEqual(600_000);
      const locked = await ledger.transaction(async (transaction) => await lockAllowance(transaction, 'a'));
      expect(locked.pause?.why).toBe('throttled');
      expect(await readPause(ledger, 'b')).toBeNull();
      await ledger.query(`update allowance set pause_ends_at = clock_timestamp() - interval '1 second'`);
      expect(await readPause(ledger, 'a')).toBeNull();
    } finally {
      await ledger.close();
      await world.remove();
    }
  });
});
