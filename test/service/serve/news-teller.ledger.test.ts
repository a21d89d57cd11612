import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config/secret.ts';
import { beginStart, endStart, findOpenStarts } from '../../../src/ledger/cron-table.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { addPause, endPauses } from '../../../src/ledger/pause-table.ts';
import { takeUntoldStart } from '../../../src/ledger/start-notice-table.ts';
import { noticeSchema, type Notice } from '../../../src/service/notify/notice.ts';
import { Notifier } from '../../../src/service/notify/notifier.ts';
import { closeStarts } from '../../../src/service/serve/close-starts.ts';
import { lookAtSchedule } from '../../../src/service/serve/look-at-schedule.ts';
import { servedJobOf } from '../../../src/service/serve/served-job.ts';
import { NewsTeller } from '../../../src/service/serve/news-teller.ts';
import { ledgerEngines, openTestLedger, serverEngine } from '../../support/ledgers.ts';
import { listenForCalls, type ListeningPlace } from '../../support/notified-places.ts';
import { createStubClock } from '../../support/stub-clock.ts';

const nightly = servedJobOf('job.yaml', {
  job: 'nightly',
  providerName: 'kona',
  windows: { blackout: [], stopAt: 5 * 60 + 30 },
  timeZone: 'Asia/Seoul',
  schedule: '0 1 * * *',
  hasDesk: false,
  reportsDirectory: '/reports',
});

/** Returns a time in Seoul; night 1 begins on the 24th. */
function at(night: number, time: string): Date {
  return new Date(Date.parse(`2026-11-23T${time}:00+09:00`) + night * 86_400_000);
}

function createTeller(ledger: OpenLedger, place: ListeningPlace, jobs = [nightly]) {
  const log = (): void => undefined;
  const warnings: string[] = [];
  const notifierOf = async (): Promise<Notifier> =>
    await Promise.resolve(
      new Notifier({
        notify: {
          ping: { url: new Secret(`${place.url}/ping`), proxy: null },
          slack: null,
          webhook: { url: new Secret(place.url), proxy: null },
          mail: null,
          when: 'change',
        },
        job: 'nightly',
        provider: 'kona',
        host: 'batch-1',
        language: 'en',
        clock: createStubClock(),
        logger: { debug: log, info: log, warn: log, error: log },
        warn: (sentence) => void warnings.push(sentence),
      }),
    );
  const trouble = (sentence: string): void => void warnings.push(sentence);
  const address = { kind: 'server', url: '' } as const;
  const clock = createStubClock();
  const teller = new NewsTeller({ ledger, address, clock, jobs, notifierOf, trouble });
  return {
    warnings,
    look: async (now: Date): Promise<void> => {
      teller.look(now);
      await teller.idle();
    },
  };
}

function heardBy({ heard }: ListeningPlace): readonly string[] {
  return heard.map(({ path, body }) => (path.includes('/ping') ? `${path} ${body}` : told(body))).toSorted();
}

function told(body: string): string {
  const { because, start, isWell, urgency }: Notice = noticeSchema.parse(JSON.parse(body));
  return `${because.join()} ${start?.dueAt ?? ''} earlier ${start?.earlier ?? ''} ${isWell ? 'well' : 'not well'} ${urgency}`;
}

describe.each(ledgerEngines)('starts that did not happen ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('a missed night is told once, also to the dead man’s switch, and the next well night is well again', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const { look, warnings } = createTeller(ledger, place);
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(ledger, nightly, at(3, '05:31'));
    await look(at(3, '05:31'));
    await look(at(3, '05:32'));
    expect(heardBy(place)).toEqual([
      '/hook/ping/fail the start of 2026-11-26 01:00 was missed',
      'missed_start 2026-11-25T16:00:00.000Z earlier 2 not well today',
    ]);
    expect(warnings).toEqual([]);
    const [{ told: condition } = { told: null }] = await ledger.query<{ told: unknown }>(
      'select told from job_notice',
    );
    expect(condition).toMatchObject({ isWell: false, exitCause: null });
  });

  it('what no place takes is tried again ten minutes later, and not for ever', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const { look, warnings } = createTeller(ledger, place);
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(ledger, nightly, at(1, '06:00'));
    place.status = 500;
    await look(at(1, '06:00'));
    await look(at(1, '06:09'));
    expect([place.heard.length, warnings.length]).toEqual([2, 2]);
    await look(at(2, '06:01'));
    expect(place.heard).toHaveLength(2);
    place.status = 200;
    await look(at(1, '06:10'));
    await look(at(1, '06:30'));
    expect([place.heard.length, warnings.length]).toEqual([4, 2]);
  });

  it('a process that dies between deciding and telling, or while it tells, leaves it to another', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(ledger, nightly, at(1, '05:31'));
    // The first process that takes it dies before it tells it.
    expect(await takeUntoldStart(ledger, 'nightly', at(1, '05:31'))).toMatchObject({ decision: 'missed' });
    const { look } = createTeller(ledger, place);
    await look(at(1, '05:35'));
    expect(place.heard).toEqual([]);
    await look(at(1, '05:41'));
    expect(place.heard).toHaveLength(2);
  });

  it('a start that finds the job running is told once while it is the same run', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const { look } = createTeller(ledger, place);
    const often = { ...nightly, windows: { blackout: [], stopAt: null } };
    await lookAtSchedule(ledger, often, at(0, '03:00'));
    await lookAtSchedule(ledger, often, at(1, '01:00'));
    const [open] = await findOpenStarts(ledger, 'nightly');
    if (open === undefined) throw new Error('a start that was requested is open');
    await beginStart(ledger, open.request, at(1, '01:00'));
    // The window stays open for days, so that the run goes on in it.
    const stayOpen = `update cron_start set closes_at = '2026-12-31T00:00:00Z' where decision = 'requested'`;
    await ledger.query(stayOpen);
    for (const night of [2, 3, 4]) {
      await lookAtSchedule(ledger, often, at(night, '01:00'));
      await look(at(night, '01:00'));
    }
    const skip = 'skipped_start 2026-11-24T16:00:00.000Z earlier 0 well tomorrow';
    expect(heardBy(place)).toEqual([skip]);
    const notices = 'select notice from cron_start where decision = $1 order by due_at';
    expect(await ledger.query(notices, ['skipped'])).toEqual([
      { notice: 'told' },
      { notice: 'known' },
      { notice: 'known' },
    ]);
    await endStart(ledger, open.request, at(4, '02:00'));
    await lookAtSchedule(ledger, often, at(5, '01:00'));
    await ledger.query(stayOpen);
    await lookAtSchedule(ledger, often, at(6, '01:00'));
    await look(at(6, '01:00'));
    expect(heardBy(place)).toEqual([skip, 'skipped_start 2026-11-28T16:00:00.000Z earlier 0 well tomorrow']);
  });

  it('a start that no worker takes is missed when its window closes, though somebody looks', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(ledger, nightly, at(1, '01:00'));
    expect(await closeStarts(ledger, nightly, at(1, '05:29'))).toEqual([]);
    expect(await closeStarts(ledger, nightly, at(1, '05:30'))).toEqual([
      expect.stringContaining('was missed: no worker took it before its window closed'),
    ]);
    expect(await takeUntoldStart(ledger, 'nightly', at(1, '05:30'))).toMatchObject({ decision: 'missed' });
  });
});

describe.each(ledgerEngines)('pauses ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;
  const now = at(1, '02:00');
  const pause = { provider: 'kona', lengthMs: 1_800_000, by: 'jane@host', note: 'it restarts' };

  function reasonsOf({ heard }: ListeningPlace): readonly string[] {
    return heard.map(({ body }) => noticeSchema.parse(JSON.parse(body)).because.join());
  }

  it('one is told when it begins and when somebody resumes, once for jobs that tell the same places', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const jobs = [nightly, { ...nightly, name: 'uploads' }];
    const { look } = createTeller(ledger, place, jobs);
    const { look: lookElsewhere } = createTeller(ledger, place, jobs);
    await look(now);
    await addPause(ledger, pause);
    await look(now);
    await lookElsewhere(now);
    expect(reasonsOf(place)).toEqual(['paused']);
    const notice = noticeSchema.parse(JSON.parse(place.heard[0]?.body ?? ''));
    expect(notice).toMatchObject({
      exitCode: null,
      start: null,
      isWell: true,
      urgency: 'nothing',
      mustAct: [],
    });
    expect(notice.pauses).toMatchObject([{ by: 'jane@host', note: 'it restarts' }]);
    await endPauses(ledger, 'kona', 'bob@host');
    await look(now);
    await lookElsewhere(now);
    expect(reasonsOf(place)).toEqual(['paused', 'resumed']);
    expect(noticeSchema.parse(JSON.parse(place.heard[1]?.body ?? '')).exitReason).toMatch(
      /^The pause of jane@host, from .+, is over since .+: bob@host resumed it\.$/,
    );
  });

  it('of two that overlap the end is told once, when the later one is over; another provider’s is none of ours', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const { look } = createTeller(ledger, place);
    await addPause(ledger, pause);
    await addPause(ledger, { ...pause, lengthMs: 3_600_000 });
    await addPause(ledger, { ...pause, provider: 'other' });
    await look(now);
    expect(reasonsOf(place)).toEqual(['paused', 'paused']);
    // The first pause has ended, and the second goes on.
    await ledger.query('update provider_pause set ends_at = clock_timestamp() where pause_no = 1');
    await look(now);
    expect(reasonsOf(place)).toEqual(['paused', 'paused']);
    await ledger.query('update provider_pause set ends_at = clock_timestamp() where pause_no = 2');
    await look(now);
    await look(now);
    expect(reasonsOf(place)).toEqual(['paused', 'paused', 'resumed']);
  });

  it('one that no place took is told at its run’s end, and its end is no news', async () => {
    await using opened = await openTestLedger(engine);
    await using place = await listenForCalls();
    const { ledger } = opened;
    const { look, warnings } = createTeller(ledger, place);
    await addPause(ledger, pause);
    place.status = 500;
    await look(now);
    expect(warnings).toHaveLength(1);
    place.status = 200;
    await endPauses(ledger, 'kona', 'bob@host');
    await look(now);
    expect(place.heard).toHaveLength(1);
  });
});

describe('on a server Postgres', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('of several processes one tells it', async () => {
    await using opened = await openTestLedger(serverEngine);
    await using place = await listenForCalls();
    await lookAtSchedule(opened.ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(opened.ledger, nightly, at(1, '05:31'));
    const others = await Promise.all(Array.from({ length: 4 }, () => openLedger(opened.world.address)));
    try {
      await Promise.all(
        others.map(async (ledger) => {
          await createTeller(ledger, place).look(at(1, '05:31'));
        }),
      );
      expect(place.heard).toHaveLength(2);
    } finally {
      for (const ledger of others) await ledger.close();
    }
  });

  it('a run whose worker is gone is broken off when its window is over, though no other worker is there', async () => {
    await using opened = await openTestLedger(serverEngine);
    const { ledger } = opened;
    await lookAtSchedule(ledger, nightly, at(0, '03:00'));
    await lookAtSchedule(ledger, nightly, at(1, '01:00'));
    const [open] = await findOpenStarts(ledger, 'nightly');
    await beginStart(ledger, open?.request ?? '', at(1, '01:00'));
    expect(await closeStarts(ledger, nightly, at(1, '05:30'))).toEqual([]);
    expect(await closeStarts(ledger, nightly, at(1, '05:31'))).toEqual([
      'the start of 2026-11-24 01:00 Asia/Seoul was broken off, and nobody continued its run: the next start will',
    ]);
    expect(await takeUntoldStart(ledger, 'nightly', at(1, '05:31'))).toMatchObject({
      decision: 'broken_off',
    });
  });
});
