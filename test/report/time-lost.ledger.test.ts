import { describe, expect, test } from 'vitest';
import {
  readAttemptFigures,
  readCallRate,
  readLastLeft,
  readStretch,
  readTimeLost,
} from '../../src/ledger/runs/attempt-table.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { plantedSettings } from './planted-settings.ts';
import { correlationId, openReportWorld, par, runId, readJson, type PlantedRow } from './report-world.ts';
import { reopenRun } from '../../src/ledger/runs/run-table.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';

type Reply = 'answered' | 'no_answer' | 'not_sent' | 'lost' | 429 | 503 | 500;

/** Calls at these seconds after the run's start, with what came of each. */
async function plant(
  ledger: Ledger,
  runNo: number,
  calls: readonly (readonly [number, Reply])[],
): Promise<void> {
  for (const [index, [second, reply]] of calls.entries()) {
    const at = new Date(Date.parse('2026-11-22T16:00:00.000Z') + second * 1_000).toISOString();
    const status = typeof reply === 'number' ? reply : reply === 'answered' ? 200 : null;
    await ledger.query(
      `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, latency_ms, reply_kind, http_status, outcome)
       values ($1, 1, 1, '2026-11-22', $2, $3::timestamptz, $4, $5, $6, 'enrolled')`,
      [
        runNo,
        correlationId(index),
        at,
        status === null ? null : 5,
        typeof reply === 'number' ? 'answered' : reply,
        status,
      ],
    );
  }
}

function every(step: number, count: number, from = 0, reply: Reply = 'answered'): [number, Reply][] {
  return Array.from({ length: count }, (_, index) => [from + index * step, reply]);
}

const rows: readonly PlantedRow[] = [{ cells: ['1', par(1)], class: 'enrolled', attempts: 1 }];
const planted = { header: ['user_id', 'par'], rows };

describe.each(ledgerEngines)('what held a run back ($name)', (engine) => {
  test.skipIf(engine.missing)('time is weighed, by the last trouble before it', async () => {
    await using world = await openReportWorld(engine, planted);
    // 5 s at the rate, then refused connections with pauses of 25 s between them, then at the rate again.
    await plant(world.ledger, world.runNo, [
      ...every(0.1, 50),
      [5, 'not_sent'],
      [30, 'not_sent'],
      [55, 'not_sent'],
      ...every(0.1, 51, 80),
    ]);
    const lost = await readTimeLost(world.ledger, world.runNo, 0.1);
    expect(lost.seconds).toBeCloseTo(85, 1);
    expect(lost.outage).toBeCloseTo(74.7, 1);
    expect([lost.refusals, lost.silence]).toEqual([0, 0]);
    const { summary } = await writeRunFolder(world.options);
    expect(summary.rate.limitedBy).toBe('outage');
  });

  test.skipIf(engine.missing)('a pause by a person is told as one, and a stop beside it is not', async () => {
    await using world = await openReportWorld(engine, planted);
    const start = Date.parse('2026-11-22T16:00:00.000Z');
    const at = (second: number): string => new Date(start + second * 1_000).toISOString();
    const pause = async (from: number, until: number): Promise<void> => {
      await world.ledger.query(
        `insert into provider_pause (provider, began_at, ends_at, paused_by, note)
         select provider, $2::timestamptz, $3::timestamptz, 'jane@host', 'it restarts' from run where run_no = $1`,
        [world.runNo, at(from), at(until)],
      );
    };
    // Paused from 5 s on for half an hour, by two requests; and for a minute of a night in which nothing ran.
    await plant(world.ledger, world.runNo, [
      ...every(0.1, 50),
      ...every(0.1, 50, 1_806),
      ...every(0.1, 5, 50_000),
    ]);
    await pause(5, 1_000);
    await pause(900, 1_805);
    await pause(20_000, 20_060);
    const lost = await readTimeLost(world.ledger, world.runNo, 0.1);
    expect(lost.paused).toBeCloseTo(1_800, 1);
    expect(lost.seconds).toBeCloseTo(1_800 + 4.9 + 4.9 + 0.4, 1);
    const { summary } = await writeRunFolder(world.options);
    expect(summary.rate.limitedBy).toBe('pause');
    expect(summary.rate.pauses?.[0]).toEqual({
      from: at(5),
      until: at(1_000),
      by: 'jane@host',
      note: 'it restarts',
    });
  });

  test.skipIf(engine.missing)(
    'a stop between two nights is no time lost, and refusals are no fault of ours',
    async () => {
      await using world = await openReportWorld(engine, planted);
      await plant(world.ledger, world.runNo, [...every(1, 10), ...every(1, 30, 50_000, 429)]);
      const lost = await readTimeLost(world.ledger, world.runNo, 0.1);
      expect(lost.seconds).toBeCloseTo(9 + 29, 1);
      expect(lost.refusals).toBeCloseTo(29 * 0.9, 1);
      const { summary } = await writeRunFolder(world.options);
      expect(summary.rate.limitedBy).toBe('refusals');
      expect(await readJson(world.runFolder, 'summary.json')).toMatchObject({ runId, lostCalls: 0 });
    },
  );

  test.skipIf(engine.missing)(
    'calls marked before a kill are at most, and never part of the fullest window',
    async () => {
      await using world = await openReportWorld(engine, planted);
      await plant(world.ledger, world.runNo, [...every(0.02, 50), ...every(0.001, 13, 0.98, 'lost')]);
      const whole = { after: null, until: null };
      expect(await readStretch(world.ledger, world.runNo, whole, 1_000)).toEqual({ calls: 50, fullest: 50 });
      expect(await readAttemptFigures(world.ledger, world.runNo)).toMatchObject({ calls: 63, lost: 13 });
    },
  );

  test.skipIf(engine.missing)(
    'a clock put back in mid-run makes no window fuller and no call earlier',
    async () => {
      await using world = await openReportWorld(engine, planted);
      // 10/s for 20 s; after the first half the clock is put back by those ten seconds.
      await plant(world.ledger, world.runNo, [...every(0.1, 100), ...every(0.1, 100)]);
      const whole = { after: null, until: null };
      expect((await readStretch(world.ledger, world.runNo, whole, 1_000)).fullest).toBe(20);
      await world.ledger.query(
        `update attempt set steady_at = sent_at + interval '10 seconds'
       where attempt_no > (select min(attempt_no) + 99 from attempt)`,
      );
      expect(await readStretch(world.ledger, world.runNo, whole, 1_000)).toEqual({ calls: 200, fullest: 10 });
      const rate = await readCallRate(world.ledger, world.runNo, { lastMs: 100, leastMs: 1_000 });
      expect(rate.perSecond).toBeCloseTo(10, 1);
      expect((await readTimeLost(world.ledger, world.runNo, 0.1)).seconds).toBeCloseTo(19.9, 1);
      expect(await readLastLeft(world.ledger, world.runNo)).toEqual(new Date('2026-11-22T16:00:19.900Z'));
      const { summary } = await writeRunFolder(world.options);
      expect(summary.rate.fullestWindow).toBe(10);
    },
  );

  test.skipIf(engine.missing)(
    'a run continued at another rate is measured by each of its rates',
    async () => {
      await using world = await openReportWorld(engine, planted);
      // 20 s at 50/s under the first settings, then 20 s at 10/s under others.
      await plant(world.ledger, world.runNo, [...every(0.02, 250), ...every(0.1, 100, 3_600)]);
      const limits = (count: number) => ({
        ...plantedSettings,
        limits: { ...plantedSettings.limits, rates: [{ count, windowMs: 1_000, unit: 's' }] },
      });
      await world.ledger.query('update run set settings = $2::jsonb where run_no = $1', [
        world.runNo,
        JSON.stringify(limits(50)),
      ]);
      await reopenRun(world.ledger, world.runNo, {
        night: '2026-11-22',
        settings: limits(10),
        programVersion: '1.2.3',
        now: new Date('2026-11-22T16:30:00Z'),
      });
      const { summary } = await writeRunFolder(world.options);
      expect(summary.rate).toMatchObject({
        allowed: '50/s, then 10/s',
        fullestWindow: 10,
        windows: [
          { limit: '10/s', fullest: 10 },
          { limit: '50/s', fullest: 50 },
        ],
        limitedBy: 'rate',
      });
      // Continued under the same limits it has no stretch of its own.
      await reopenRun(world.ledger, world.runNo, {
        night: '2026-11-23',
        settings: limits(10),
        programVersion: '1.2.3',
        now: new Date('2026-11-22T17:30:00Z'),
      });
      const { summary: again } = await writeRunFolder(world.options);
      expect(again.rate.allowed).toBe('50/s, then 10/s');
    },
  );
});
