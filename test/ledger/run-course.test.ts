import { describe, expect, test } from 'vitest';
import { readRunCourse } from '../../src/ledger/proofs/run-course.ts';
import { openReportWorld, par, plantCalls } from '../report/report-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';

const start = Date.parse('2026-11-22T16:00:00.000Z');

describe.each(ledgerEngines)('the course of a run ($name)', (engine) => {
  test.skipIf(engine.missing)('calls by time, with long pauses left out', async () => {
    const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const }];
    await using world = await openReportWorld(engine, { header: ['a', 'b'], rows });
    const { ledger, runNo } = world;
    const read = async () => await readRunCourse(ledger, runNo, { most: 10, shortestMs: 1000 });
    expect(await read()).toBeNull();
    const atMs = [0, 500, 1000, 90_000, 90_001, 7_200_000, 7_200_999, 7_201_000];
    await plantCalls(
      ledger,
      runNo,
      atMs.map((at, index) => ({ rowNo: 1, atMs: at, latencyMs: index === 1 ? null : 5 })),
    );
    await ledger.query(
      `update attempt set http_status = case when sent_at = $2::timestamptz then 429 else 503 end
     where run_no = $1 and sent_at >= $2::timestamptz`,
      [runNo, new Date(start + 7_200_999).toISOString()],
    );
    const course = await read();
    // Two hours less the long pause are 91 s, in ten buckets at most; the pause of 89 s is too short to be left out.
    expect(course).toMatchObject({
      widthMs: 9101,
      gaps: [{ from: new Date(start + 90_001), until: new Date(start + 7_200_000) }],
      idleMs: 89_000 + 7_109_999,
    });
    const at = (ms: number): Date => new Date(start + ms);
    const none = { throttled: 0, serverErrors: 0, unanswered: 0 };
    expect(course?.buckets).toEqual([
      { ...none, stretch: 0, bucket: 0, startedAt: at(0), calls: 3, unanswered: 1 },
      { ...none, stretch: 0, bucket: 9, startedAt: at(9 * 9101), calls: 2 },
      { ...none, stretch: 1, bucket: 0, startedAt: at(7_200_000), calls: 3, throttled: 1, serverErrors: 1 },
    ]);
  });
});
