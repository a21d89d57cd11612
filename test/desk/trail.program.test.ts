import { expect, test, describe, vi } from 'vitest';
import { proveAuditTrail } from '../../src/ledger/desk/audit-proof.ts';
import { readAuditTrail } from '../../src/ledger/desk/audit-trail.ts';
import { listOf, userIdOf } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { createDeskWorld } from './desk-world.ts';

vi.setConfig({ testTimeout: 600_000 });

describe.each(ledgerEngines)('the trail of an upload, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('tells its whole way, and names no file', async () => {
    await using desk = await createDeskWorld({ engine });
    const { id } = await desk.upload({
      name: 'Hong Gildong.csv',
      content: `${listOf(2)}${userIdOf(3)},short,member 3\n`,
    });
    await desk.until(id, 'planned');
    await desk.press(id, 'start');
    await desk.until(id, 'ended');
    await desk.take(id, 'rejected.csv', 'correct November');
    const refused = await desk.upload({ name: 'none.csv', content: 'nothing' });
    await desk.until(refused.id, 'refused');
    await desk.press(refused.id, 'again');
    await desk.until(refused.id, 'refused');
    await desk.serving.stop('SIGTERM');
    await withLedgerOf(desk.world, async (ledger) => {
      const trailOf = async (uploadId: string): Promise<readonly string[]> => {
        const entries = await readAuditTrail(ledger, { since: null, limit: null, uploadId });
        return entries
          .toReversed()
          .map(({ who, what, detail }) => `${who === 'kona-enroll' ? who : 'person'} ${what}: ${detail}`);
      };
      expect(await trailOf(id)).toEqual([
        expect.stringMatching(/^person uploaded: proof, SHA-256 [0-9a-f]{64}$/),
        'kona-enroll planned: 2 to call',
        'person started: null',
        'kona-enroll ended: exit 3 (not_enrolled)',
        'person downloaded: rejected.csv: correct November',
      ]);
      const [uploaded = '', ...more] = await trailOf(refused.id);
      expect(uploaded).toContain('person uploaded');
      expect(more).toEqual([
        'kona-enroll refused: column_missing',
        'person read_again: wanted',
        'kona-enroll refused: column_missing',
      ]);
      expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole' });
    });
  });
});
