import { describe, expect, test } from 'vitest';
import { exitCauses, meaningOf } from '../../src/domain/exit-cause.ts';
import { exitCodes } from '../../src/domain/exit-code.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { openReportWorld, par } from '../report/report-world.ts';

describe.each(ledgerEngines)("a run's exit cause ($name)", (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is kept by the ledger only beside a code it belongs to', async () => {
    const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const, attempts: 1 }];
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    const { ledger, runNo } = world;
    const set = async (code: number, cause: string): Promise<boolean> =>
      await ledger
        .query('update run set exit_code = $2, exit_cause = $3 where run_no = $1', [runNo, code, cause])
        .then(
          () => true,
          () => false,
        );
    for (const code of Object.values(exitCodes)) {
      const kept: string[] = [];
      for (const cause of exitCauses) if (await set(code, cause)) kept.push(cause);
      expect([code, kept]).toEqual([code, exitCauses.filter((name) => meaningOf(name).codes.includes(code))]);
      expect(await set(code, 'somebody')).toBe(false);
    }
  });
});
