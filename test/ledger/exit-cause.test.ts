import { describe, expect, test } from 'vitest';
import { exitCauses } from '../../src/domain/exit-cause.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { openReportWorld, par } from '../report/report-world.ts';

describe.each(ledgerEngines)("a run's exit cause ($name)", (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is one of the closed list', async () => {
    const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const, attempts: 1 }];
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    const { ledger, runNo } = world;
    const isKept = async (cause: string): Promise<boolean> =>
      await ledger.query('update run set exit_cause = $2 where run_no = $1', [runNo, cause]).then(
        () => true,
        () => false,
      );
    for (const cause of exitCauses) expect([cause, await isKept(cause)]).toEqual([cause, true]);
    expect(await isKept('somebody')).toBe(false);
  });
});
