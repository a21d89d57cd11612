import { describe, expect, test } from 'vitest';
import { isZeroEnded } from '../../src/intake/rows/frequent-members.ts';
import { findZeroEndedMember } from '../../src/ledger/runs/member-cards.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

/** 15 and 16 digits and more, with zeros up to the end, with none, and with one digit among them. */
const userIds = [
  '1',
  '1000000000',
  '123456789012340',
  '1234567890123450',
  '1234567890123456',
  '1234567890123456000',
  '1234567890123450000',
  '1234567890123450100',
  '1234567890123450001',
  '1000000000000000000',
];

describe.each(ledgerEngines)('$name', (engine) => {
  test.each(userIds)(
    '%s is found in the ledger exactly where it looks rounded in the list',
    async (userId) => {
      await using setup = await openTestLedger(engine);
      const { run_no: runNo } = await createRun(setup.ledger, {
        id: 'a',
        job: 'nightly',
        provider: 'provider-a',
        kind: 'list',
        night: '2026-11-22',
        listName: 'list.csv',
        content: 'a',
        again: false,
        settings: {},
        startedAt: new Date('2026-11-22T16:00:00Z'),
      });
      await setup.ledger.query(
        `insert into list_row (run_no, row_no, line, cells, user_id, par)
       select $1, n, n + 1, '{}', $2, 'PAR' || lpad(n::text, 24, '0') from generate_series(1, 3) n`,
        [runNo, userId],
      );
      const found = await findZeroEndedMember(setup.ledger, runNo, 2);
      expect(found).toEqual(isZeroEnded(userId) ? { userId, cards: 3, firstLine: 2 } : null);
    },
  );
});
