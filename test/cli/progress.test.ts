import { describe, expect, test } from 'vitest';
import { createProgressObserver, progressLine } from '../../src/cli/progress.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import type { RunProgress } from '../../src/run/run-environment.ts';
import { createFakeHost } from './fake-host.ts';

function progressOf(overrides: Partial<RunProgress> = {}): RunProgress {
  return {
    runId: 'run',
    rowsRead: 100,
    due: 90,
    calls: 30,
    inFlight: 4,
    delayed: 0,
    state: { kind: 'running' },
    final: { bad_data: 2, enrolled: 25 },
    elapsedMs: 2_000,
    ...overrides,
  };
}

function setup(options: Parameters<typeof createFakeHost>[0] & { readonly quiet?: boolean } = {}) {
  const host = createFakeHost(options);
  const configuration = {
    limits: {
      rates: [{ count: 20, windowMs: 1_000, unit: 's' }],
      concurrency: 16,
      timeoutMs: 10_000,
      adaptive: false,
      maxCalls: null,
    },
    flags: { quiet: options.quiet ?? false },
  } as unknown as Configuration;
  return { host, observer: createProgressObserver(host, configuration) };
}

describe('the line', () => {
  test('how many of how many, how fast, success before the rest', () => {
    expect(progressLine(progressOf(), '20/s')).toBe(
      '27/90 called · 15.0 calls/s of 20/s · enrolled 25 · bad_data 2',
    );
  });

  test('what waits to be tried again', () => {
    expect(progressLine(progressOf({ delayed: 3, final: {} }), '20/s')).toBe(
      '0/90 called · 15.0 calls/s of 20/s · 3 wait to be tried again',
    );
  });

  test('in its first instant it divides by nothing that is zero', () => {
    expect(progressLine(progressOf({ elapsedMs: 0, calls: 0 }), '20/s')).toContain('0.0 calls/s');
  });
});

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
    observer.listStaged({ rowsRead: 25, due: 10, classes });
    observer.listStaged({ rowsRead: 10, due: 10, classes: emptyClassCounts() });
    observer.reportBegan();
    expect(host.written.stderr.split('\n')).toEqual([
      'run r1 · list l.csv · provider truth',
      'continuing run r1 · list l.csv · provider truth; 3 calls of the process that died may have been sent',
      '25 rows read · 10 to call · 1 done before · 5 not to be called again yet · 2 rejected · 3 duplicates · 4 disputed',
      '10 rows read · 10 to call',
      'writing the run folder',
      '',
    ]);
  });
});

describe('on a terminal', () => {
  test('one line that moves, no longer than the terminal is wide, closed before the next words', async () => {
    const { host, observer } = setup({ isTerminal: true, columns: 30 });
    for (let tenth = 0; tenth < 10; tenth += 1) {
      observer.progress(progressOf());
      await host.clock.advance(100);
    }
    observer.reportBegan();
    observer.end();
    const lines = host.written.stderr.split('\r').slice(1);
    expect(lines.length).toBe(4);
    expect(host.written.stderr).toMatch(/\n?writing the run folder\n$/);
    const [first = ''] = lines;
    expect(first.replace('\u001B[K', '')).toHaveLength(29);
    expect(host.written.stderr.match(/\n/g)).toHaveLength(2);
  });

  test('a line left open is closed at the end, once', async () => {
    const { host, observer } = setup({ isTerminal: true });
    await host.clock.advance(1_000);
    observer.progress(progressOf());
    observer.end();
    observer.end();
    expect(host.written.stderr.match(/\n/g)).toHaveLength(1);
  });

  test('in CI it does not move', async () => {
    const { host, observer } = setup({ isTerminal: true, env: { CI: 'true' } });
    await host.clock.advance(1_000);
    observer.progress(progressOf());
    expect(host.written.stderr).toBe('');
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
