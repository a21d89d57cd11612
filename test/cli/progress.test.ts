import { describe, expect, test } from 'vitest';
import { createProgressObserver } from '../../src/cli/terminal/progress.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import { listenForStop } from '../../src/cli/session/run-session.ts';
import type { RunProgress } from '../../src/run/run-environment.ts';
import { createFakeHost } from './fake-host.ts';

function progressOf(overrides: Partial<RunProgress> = {}): RunProgress {
  return {
    runId: 'run',
    provider: 'sandbox',
    rowsRead: 100,
    due: 90,
    calls: 30,
    inFlight: 4,
    delayed: 0,
    state: { kind: 'running' },
    final: { bad_data: 2, enrolled: 25 },
    elapsedMs: 2_000,
    allowed: '20/s',
    timeZone: 'Asia/Seoul',
    pace: { perSecond: 15, usualPerSecond: 15, p50Ms: 12, p99Ms: 80 },
    end: null,
    ...overrides,
  };
}

function setup(options: Parameters<typeof createFakeHost>[0] & { readonly quiet?: boolean } = {}) {
  const host = createFakeHost(options);
  const configuration = {
    limits: {
      rates: [{ count: 20, windowMs: 1_000, unit: 's' }],
      burst: 1,
      concurrency: 16,
      timeoutMs: 10_000,
      adaptive: false,
      maxCalls: null,
    },
    flags: { quiet: options.quiet ?? false },
    timeZone: 'Asia/Seoul',
  } as unknown as Configuration;
  return { host, observer: createProgressObserver(host, configuration) };
}

describe('in a cron mail', () => {
  test('a plain line every 30 s', async () => {
    const { host, observer } = setup();
    for (let second = 0; second < 65; second += 1) {
      observer.progress(progressOf());
      await host.clock.advance(1_000);
    }
    observer.end();
    expect(host.written.stderr.match(/called/g)).toHaveLength(2);
    expect(host.written.stderr).not.toContain('\r');
    expect(host.written.stderr).not.toContain('\u001B');
    expect(host.written.stdout).toBe('');
  });

  test('and one at once when a pause begins or ends, but not one that is over in a moment, nor for a rate that climbs again', async () => {
    const { host, observer } = setup();
    const during = async (state: RunProgress['state'], seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        observer.progress(progressOf({ state }));
        await host.clock.advance(1_000);
      }
    };
    const pause = async (ms: number): Promise<void> => {
      const until = new Date(host.clock.now().getTime() + ms);
      await during({ kind: 'paused', until, why: 'blackout' }, ms / 1_000);
    };
    await during({ kind: 'canary' }, 5);
    await during({ kind: 'running' }, 5);
    await pause(20_000);
    await during({ kind: 'running' }, 15);
    await during({ kind: 'slowed', perSecond: 10, atOnce: null }, 5);
    for (let time = 0; time < 4; time += 1) {
      await pause(1_000);
      await during({ kind: 'running' }, 1);
    }
    const states = host.written.stderr.match(/(?<= · )(?:canary|running|paused|slowed to \d+)/g);
    expect(states).toEqual(['paused', 'running']);
  });

  test('what a run begins with, finds and continues', () => {
    const { host, observer } = setup();
    const began = {
      runId: 'r1',
      job: 'j',
      provider: 'truth',
      listName: 'l.csv',
      continued: false,
      lostCalls: 0,
    };
    observer.runBegan(began);
    observer.runBegan({ ...began, continued: true, lostCalls: 3 });
    const classes = { ...emptyClassCounts(), already_done: 1, rejected: 2, duplicate: 3, disputed: 4 };
    const rejection = { reason: 'par_missing', column: 'par', isFormula: false } as const;
    const firstRejected = [{ line: 4, reason: rejection.reason, message: null, rejection }];
    observer.listStaged({ rowsRead: 25, due: 10, classes, firstRejected });
    observer.listStaged({ rowsRead: 10, due: 10, classes: emptyClassCounts(), firstRejected: [] });
    observer.listStaged({
      firstRejected: [],
      rowsRead: 9,
      due: 4,
      classes: { ...emptyClassCounts(), enrolled: 3, conflict: 2 },
    });
    observer.reportBegan();
    expect(host.written.stderr.split('\n')).toEqual([
      'run r1 · list l.csv · provider truth',
      'continuing run r1 · list l.csv · provider truth; 3 calls of the process that died may have been sent',
      '25 rows read · 10 to call · 1 done before · 5 not to be called again yet · 2 rejected · 3 duplicates · 4 disputed',
      '  rejected, line 4: par is empty; expected are exactly 27 characters of A-Z and 0-9.',
      '  … and 1 more: rejected.csv of the run folder has each with what is wrong',
      '10 rows read · 10 to call',
      '9 rows read · 4 to call · 3 done already by this run · 2 not to be called again yet',
      'writing the run folder',
      '',
    ]);
  });
});

test('in a log a report of many rows is a line every 30 seconds, and none with --quiet', async () => {
  const { host, observer } = setup();
  const quiet = setup({ quiet: true });
  observer.reportBegan();
  for (let written = 0; written < 10; written += 1) {
    observer.reportProgress({ written, rows: 10 });
    quiet.observer.reportProgress({ written, rows: 10 });
    await host.clock.advance(10_000);
    await quiet.host.clock.advance(10_000);
  }
  expect(host.written.stderr.split('\n').slice(1, -1)).toEqual(
    [3, 6, 9].map((written) => `writing the run folder: ${written} of 10 rows`),
  );
  expect(quiet.host.written.stderr).toBe('');
});

describe('on a terminal', () => {
  test('one line that moves, no longer than the terminal is wide, closed before the next words', async () => {
    const { host, observer } = setup({ isTerminal: true, columns: 33 });
    for (let tenth = 0; tenth < 10; tenth += 1) {
      observer.progress(progressOf());
      await host.clock.advance(100);
    }
    observer.progress(progressOf({ final: { enrolled: 90 } }));
    observer.reportBegan();
    observer.end();
    const [, ...lines] = host.written.stderr.split('\r');
    const line = '27/90 · 25 done, 2 not\u001B[K';
    expect(lines).toEqual([
      ...Array.from({ length: 5 }, () => line),
      '90/90 · 90 done, 0 not\u001B[K\nwriting the run folder\n',
    ]);
  });

  test('a report of many rows moves too, and one that is over in a moment says nothing', async () => {
    const { host, observer } = setup({ isTerminal: true });
    observer.reportBegan();
    for (let written = 0; written <= 10_000; written += 2_500) {
      observer.reportProgress({ written, rows: 10_000 });
      await host.clock.advance(written === 7_500 ? 10 : 200);
    }
    observer.reportBegan();
    observer.reportProgress({ written: 5, rows: 5 });
    observer.end();
    const line = (written: number) => `\rwriting the run folder: ${written} of 10000 rows\u001B[K`;
    const lines = [2_500, 5_000, 7_500, 10_000].map(line).join('');
    expect(host.written.stderr).toBe(`writing the run folder\n${lines}\nwriting the run folder\n`);
  });

  test('a line left open is closed at the end, once', () => {
    const { host, observer } = setup({ isTerminal: true });
    observer.progress(progressOf());
    observer.end();
    observer.end();
    expect(host.written.stderr.match(/\n/g)).toHaveLength(1);
  });

  test('a state that changes is shown at once, and set apart in colour where colour is wanted', () => {
    const paused = { kind: 'paused', until: new Date('2026-11-23T17:00:00Z'), why: 'blackout' } as const;
    const shownWith = (env: Readonly<Record<string, string>>): string => {
      const { host, observer } = setup({ isTerminal: true, columns: 200, env });
      observer.progress(progressOf());
      observer.progress(progressOf({ state: paused }));
      return host.written.stderr;
    };
    const words = 'paused until 02:00 (1 h): blackout';
    expect(shownWith({})).toContain(` · \u001B[33m${words}\u001B[39m · `);
    expect(shownWith({ NO_COLOR: '' })).toBe(shownWith({}));
    expect(shownWith({ NO_COLOR: '1' })).toContain(` · ${words} · `);
  });

  test('in CI it does not move', async () => {
    const { host, observer } = setup({ isTerminal: true, env: { CI: 'true' } });
    await host.clock.advance(1_000);
    observer.progress(progressOf());
    expect(host.written.stderr).toBe('');
  });
});

describe('asked to stop', () => {
  const folder = 'then the run folder is written';
  const again = 'The same command continues.';

  test.each([
    [
      'SIGINT',
      8,
      `Ctrl-C: no new calls; those in flight (8 at most) end and are recorded, within 10 s (limits.timeout), ${folder}. A second Ctrl-C stops at once: calls in flight then count as "may have been sent" and are made again. ${again}`,
    ],
    [
      'SIGTERM',
      1,
      `SIGTERM: no new calls; those in flight (1 at most) end and are recorded, within 10 s (limits.timeout), ${folder}. A second signal stops at once: calls in flight then count as "may have been sent" and are made again. ${again}`,
    ],
    [
      'SIGHUP',
      0,
      `terminal closed (SIGHUP): no new calls, and none is in flight; the run folder is written. A second signal stops at once. ${again}`,
    ],
  ] as const)('by %s, with %i calls in flight', (signal, inFlight, words) => {
    const { host, observer } = setup({ quiet: true });
    observer.progress(progressOf({ inFlight }));
    observer.stopAsked(signal);
    expect(host.written.stderr).toBe(`${words}\n`);
  });

  test('before the first call, and while the folder is written', () => {
    const { host, observer } = setup({ quiet: true });
    observer.stopAsked('SIGINT');
    observer.progress(progressOf());
    observer.reportBegan();
    observer.stopAsked('SIGINT');
    expect(host.written.stderr.split('\n')).toEqual([
      `Ctrl-C: no new calls, and none is in flight. A second Ctrl-C stops at once. ${again}`,
      `Ctrl-C: no new calls; the run folder is being written, which goes on to its end. A second Ctrl-C stops at once. ${again}`,
      '',
    ]);
  });

  test('its words stand on lines of their own, and the line moves on below them', async () => {
    const { host, observer } = setup({ isTerminal: true, columns: 33 });
    observer.progress(progressOf({ inFlight: 0 }));
    // As a terminal echoes it.
    host.stderr.write('^C');
    const stop = listenForStop(host, observer);
    host.sendSignal('SIGINT');
    expect(stop.signal.reason).toBe('SIGINT');
    await host.clock.advance(1_000);
    observer.progress(progressOf({ inFlight: 0 }));
    host.sendSignal('SIGINT');
    stop.end();
    const line = '\r27/90 · 25 done, 2 not\u001B[K';
    const [before, words, after, end, ...rest] = host.written.stderr.split('\n');
    expect(before).toBe(`${line}^C`);
    expect(words).toMatch(/^Ctrl-C: no new calls/);
    expect(after).toBe(line);
    expect([end, ...rest]).toEqual(['stopped at once; the same command continues', '']);
    expect(host.ends).toEqual([130]);
    expect(host.listening()).toBe(0);
  });
});

test('--quiet says nothing', async () => {
  const { host, observer } = setup({ isTerminal: true, quiet: true });
  await host.clock.advance(60_000);
  observer.progress(progressOf());
  observer.reportBegan();
  observer.end();
  expect(host.written).toEqual({ stdout: '', stderr: '' });
});

test('a warning has a line of its own, also where nothing else is told', () => {
  const quiet = setup({ quiet: true });
  quiet.observer.warned('the clocks differ');
  expect(quiet.host.written.stderr).toBe('warning: the clocks differ\n');

  const moving = setup({ isTerminal: true });
  moving.observer.progress(progressOf());
  moving.observer.warned('the clocks differ');
  expect(moving.host.written.stderr).toMatch(/called.*\nwarning: the clocks differ\n$/s);
});

describe('what a run waits for', () => {
  test('on a line of its own, the time as the job reads it', () => {
    const { host, observer } = setup();
    observer.jobHeld('job a is being run by process 1 on b, since c');
    observer.ledgerWaiting(new Date('2026-11-24T15:30:05Z'));
    observer.ledgerBack();
    expect(host.written.stderr).toBe(
      'waiting: job a is being run by process 1 on b, since c\n' +
        "the ledger's database does not answer: nothing is sent; waiting for it until 00:30:05 (Asia/Seoul)\n" +
        "the ledger's database is back: the run continues\n",
    );
  });

  test('no line says that it runs while nothing is sent', async () => {
    const { host, observer } = setup();
    const expected = new Date(host.clock.now().getTime() + 8_000);
    observer.ledgerWaiting(new Date(host.clock.now().getTime() + 120_000));
    for (let second = 0; second < 65; second += 1) {
      observer.progress(progressOf({ end: { kind: 'done', at: expected } }));
      await host.clock.advance(1_000);
    }
    const lines = host.written.stderr.split('\n').filter((line) => line.includes('called'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toContain('waits for the ledger');
      expect(line).not.toMatch(/running|calls\/s|end/);
    }
    observer.ledgerBack();
    observer.progress(progressOf());
    observer.end();
    expect(host.written.stderr.split('\n').at(-2)).not.toContain('waits for the ledger');
  });
});
