import { describe, expect, test } from 'vitest';
import { beginStart, endStart, findOpenStarts } from '../../../src/ledger/cron-table.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { lookAtSchedule } from '../../../src/service/serve/look-at-schedule.ts';
import { servedJobOf, type ServedJob } from '../../../src/service/serve/served-job.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

function jobWith(schedule: string): ServedJob {
  return servedJobOf('job.yaml', {
    job: 'nightly',
    providerName: 'sandbox',
    windows: { blackout: [], stopAt: 5 * 60 + 30 },
    timeZone: 'Asia/Seoul',
    schedule,
    hasDesk: false,
    reportsDirectory: '/reports',
  });
}

const nightly = jobWith('0 1 * * *');

/** Returns a time in Seoul; night 1 begins on the 23rd. */
function at(night: number, time: string): Date {
  return new Date(Date.parse(`2026-11-23T${time}:00+09:00`) + night * 86_400_000);
}

async function decisions(ledger: OpenLedger): Promise<readonly string[]> {
  const rows = await ledger.query<{ decision: string }>('select decision from cron_start order by due_at');
  return rows.map(({ decision }) => decision);
}

describe.each(ledgerEngines)('starts that came due ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('a line nobody has looked at owes nothing; later each start is decided once', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    expect(await lookAtSchedule(ledger, nightly, at(0, '03:00'))).toBeNull();
    expect(await lookAtSchedule(ledger, nightly, at(1, '00:59'))).toBeNull();
    expect(await lookAtSchedule(ledger, nightly, at(1, '01:00'))).toEqual({
      due: at(1, '01:00'),
      closesAt: at(1, '05:30'),
      decision: 'requested',
      earlier: 0,
    });
    expect(await lookAtSchedule(ledger, nightly, at(1, '01:00'))).toBeNull();
    expect(await decisions(ledger)).toEqual(['requested']);
  });

  it('is skipped while an earlier start is not over and its window is open', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const often = jobWith('*/10 * * * *');
    await lookAtSchedule(ledger, often, at(0, '01:00'));
    expect(await lookAtSchedule(ledger, often, at(0, '01:10'))).toMatchObject({ decision: 'requested' });
    const [open] = await findOpenStarts(ledger, 'nightly');
    if (open === undefined) throw new Error('a start that was requested is open');
    expect(await lookAtSchedule(ledger, often, at(0, '01:20'))).toMatchObject({ decision: 'skipped' });
    expect(await beginStart(ledger, open.request, at(0, '01:21'))).toMatchObject({ begun_at: null });
    expect(await beginStart(ledger, open.request, at(0, '01:22'))).toMatchObject({
      begun_at: at(0, '01:21'),
    });
    await endStart(ledger, open.request, at(0, '01:25'));
    expect(await beginStart(ledger, open.request, at(0, '01:26'))).toBeNull();
    expect(await lookAtSchedule(ledger, often, at(0, '01:30'))).toMatchObject({ decision: 'requested' });
    expect(await lookAtSchedule(ledger, often, at(0, '05:40'))).toMatchObject({
      decision: 'requested',
      earlier: 24,
    });
  });

  it('what nobody looked at in time is missed, however many nights', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    expect(await lookAtSchedule(ledger, nightly, at(3, '05:30'))).toMatchObject({
      due: at(3, '01:00'),
      decision: 'missed',
      earlier: 2,
    });
    expect(await findOpenStarts(ledger, 'nightly')).toEqual([]);
  });

  it('another line of the job is new; one that is in no job file any more is forgotten', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    const later = jobWith('0 2 * * *');
    expect(await lookAtSchedule(ledger, later, at(5, '03:00'))).toBeNull();
    expect(await lookAtSchedule(ledger, later, at(6, '02:00'))).toMatchObject({ decision: 'requested' });
    expect(await lookAtSchedule(ledger, nightly, at(6, '03:00'))).toBeNull();
  });
});

describe.each(ledgerEngines.filter(({ name }) => name === 'server Postgres'))('on a $name', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('of several processes that look at once one decides', async () => {
    await using opened = await openTestLedger(engine);
    await lookAtSchedule(opened.ledger, nightly, at(0, '03:00'));
    const others = await Promise.all(Array.from({ length: 4 }, () => openLedger(opened.world.address)));
    try {
      const found = await Promise.all(
        others.map(async (ledger) => await lookAtSchedule(ledger, nightly, at(1, '01:00'))),
      );
      expect(found.filter((came) => came !== null)).toHaveLength(1);
      expect(await decisions(opened.ledger)).toEqual(['requested']);
    } finally {
      for (const ledger of others) await ledger.close();
    }
  });
});
