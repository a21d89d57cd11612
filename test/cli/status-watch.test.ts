import { describe, expect, test } from 'vitest';
import type { LiveRun, LiveRuns, ToldProgress } from '../../src/cli/views/live-runs.ts';
import { main } from '../../src/cli/main.ts';
import { watchRuns } from '../../src/cli/views/status-watch.ts';
import { until } from '../support/stub-clock.ts';
import { createFakeHost } from './fake-host.ts';

function toldOf(overrides: Partial<ToldProgress> = {}): ToldProgress {
  return {
    runId: 'r1',
    due: 90,
    final: { enrolled: 1 },
    delayed: 0,
    state: { kind: 'running' },
    allowed: null,
    timeZone: 'Asia/Seoul',
    pace: null,
    end: null,
    ...overrides,
  };
}

function runOf(overrides: Partial<LiveRun> = {}): LiveRun {
  return {
    job: 'proof',
    host: 'there',
    pid: 7,
    since: new Date('2026-11-23T16:05:00Z'),
    told: toldOf(),
    ...overrides,
  };
}

/** Another process's runs: `now` can be changed between two looks. */
function setup(options: Parameters<typeof createFakeHost>[0] = {}, asked?: string) {
  const host = createFakeHost(options);
  const others = { now: [] as readonly LiveRun[] };
  const live: LiveRuns = {
    read: async () => await Promise.resolve(others.now),
    endOf: async (runId) => await Promise.resolve(`${runId} went well`),
  };
  const watch = async (): Promise<string> => {
    await watchRuns(live, asked, host);
    return host.written.stdout;
  };
  /** What the next look finds, a second later. */
  const next = async (runs: readonly LiveRun[] = others.now): Promise<void> => {
    await until(() => host.clock.sleeping > 0);
    others.now = runs;
    await host.clock.advance(1_000);
  };
  return { host, others, watch, next };
}

test('nothing runs: says so and ends', async () => {
  expect(await setup().watch()).toBe('No run is under way.\n');
  const { others, watch } = setup({}, 'r9');
  others.now = [runOf()];
  expect(await watch()).toBe('Run r9 is not under way; kona-enroll status r9 says where it stands.\n');
  const checkout = setup({ env: { npm_package_name: 'kona-enroll' } }, 'r9');
  expect(await checkout.watch()).toContain('; npm run -s kona-enroll -- status r9 says');
});

describe('on a terminal', () => {
  test('a line that moves each second until the run ends, and how it ended', async () => {
    const { host, others, watch, next } = setup({ isTerminal: true });
    others.now = [runOf()];
    const watching = watch();
    await next([runOf({ told: toldOf({ final: { enrolled: 2 } }) })]);
    await next([]);
    expect(await watching).toBe(
      'live: job proof, process 7 on there, since 2026-11-24 01:05 Asia/Seoul, run r1\n' +
        '\r1/90 called · running · enrolled 1\u001B[K' +
        '\r2/90 called · running · enrolled 2\u001B[K' +
        '\r\u001B[Jrun r1: r1 went well\n',
    );
    expect(host.listening()).toBe(0);
  });

  test('several jobs have a line each, by name, and one that ends leaves the others', async () => {
    const { others, watch, next } = setup({ isTerminal: true, columns: 38 });
    const other = runOf({ job: 'other', pid: 8, told: toldOf({ runId: 'r2' }) });
    others.now = [runOf(), other];
    const watching = watch();
    await next();
    await next([other]);
    await next([]);
    const [, ...drawn] = (await watching).split('\r');
    expect(drawn).toEqual([
      'proof: 1/90 called · enrolled 1\u001B[K\nother: 1/90 called · enrolled 1\u001B[K',
      '\u001B[1Aproof: 1/90 called · enrolled 1\u001B[K\nother: 1/90 called · enrolled 1\u001B[K',
      '\u001B[1A\u001B[Jrun r1: r1 went well\n',
      '1/90 called · running · enrolled 1\u001B[K',
      '\u001B[Jrun r2: r2 went well\n',
    ]);
  });

  test('one that has not begun to call, then calls, then does its next list', async () => {
    const { host, others, watch, next } = setup({ isTerminal: true });
    others.now = [runOf({ told: null })];
    const watching = watch();
    await next([runOf()]);
    await next([runOf({ told: toldOf({ runId: 'r2' }) })]);
    host.sendSignal('SIGINT');
    const text = await watching;
    expect(text.startsWith('\rjob proof, process 7 on there: no calls yet\u001B[K')).toBe(true);
    const said = text.split(/[\r\n]/).map((line) => line.replace('\u001B[J', ''));
    expect(said.filter((line) => /^live: |went well$/.test(line))).toEqual([
      'live: job proof, process 7 on there, since 2026-11-24 01:05 Asia/Seoul, run r1',
      'run r1: r1 went well',
      'live: job proof, process 7 on there, since 2026-11-24 01:05 Asia/Seoul, run r2',
    ]);
  });

  test('Ctrl-C ends the looking, not the run; the line stays', async () => {
    const { host, others, watch, next } = setup({ isTerminal: true });
    others.now = [runOf()];
    const watching = watch();
    await next();
    host.sendSignal('SIGINT');
    expect((await watching).endsWith('enrolled 1\u001B[K\n')).toBe(true);
    expect(host.clock.sleeping).toBe(0);
    expect(host.listening()).toBe(0);
  });
});

test('not on a terminal: a plain line at first, when the state changes, and every 30 s', async () => {
  const { host, others, watch, next } = setup();
  const opens = new Date(host.clock.now().getTime() + 600_000);
  others.now = [runOf()];
  const watching = watch();
  for (let count = 0; count < 12; count += 1) await next();
  await next([runOf({ told: toldOf({ state: { kind: 'paused', until: opens, why: 'blackout' } }) })]);
  for (let count = 0; count < 31; count += 1) await next();
  await next([]);
  expect((await watching).split('\n')).toEqual([
    'live: job proof, process 7 on there, since 2026-11-24 01:05 Asia/Seoul, run r1',
    '1/90 called · running · enrolled 1',
    expect.stringMatching(/^1\/90 called · paused until \S+ \(10 min\): blackout/),
    expect.stringMatching(/^1\/90 called · paused until \S+ \(\d+ min\): blackout/),
    'run r1: r1 went well',
    '',
  ]);
});

test('--json has one document, so it does not go with --watch', async () => {
  const host = createFakeHost();
  expect(await main(['status', '--watch', '--json'], host)).toBe(2);
  expect(JSON.parse(host.written.stdout)).toMatchObject({ exitCode: 2 });
  expect(host.written.stderr).toContain('--watch');
});
