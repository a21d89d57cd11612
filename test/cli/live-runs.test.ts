import { expect, test } from 'vitest';
import { parseHolder, parseProgress } from '../../src/cli/views/live-runs.ts';

const published = {
  runId: 'r1',
  rowsRead: 100,
  due: 90,
  calls: 30,
  inFlight: 2,
  final: { enrolled: 25 },
  delayed: 1,
  state: { kind: 'paused', until: '2026-11-24T15:30:00.000Z', why: 'blackout' },
  allowed: '20/s',
  timeZone: 'Asia/Seoul',
  pace: { perSecond: 3, usualPerSecond: null, p50Ms: 1, p99Ms: 2 },
  end: { kind: 'done', at: '2026-11-24T17:30:00.000Z' },
  elapsedMs: 1,
};

test('what a run publishes is read back', () => {
  expect(parseProgress(published)).toEqual({
    runId: 'r1',
    due: 90,
    final: { enrolled: 25 },
    delayed: 1,
    state: { kind: 'paused', until: new Date('2026-11-24T15:30:00Z'), why: 'blackout' },
    allowed: '20/s',
    timeZone: 'Asia/Seoul',
    pace: { perSecond: 3, usualPerSecond: null, p50Ms: 1, p99Ms: 2 },
    end: { kind: 'done', at: new Date('2026-11-24T17:30:00Z') },
  });
});

test('an older program says less, and what it does not say is not shown', () => {
  const { runId, due, calls, final } = published;
  expect(parseProgress({ runId, due, calls, final })).toEqual({
    runId,
    due,
    final,
    delayed: 0,
    state: null,
    allowed: null,
    timeZone: 'Asia/Seoul',
    pace: null,
    end: null,
  });
});

test.each([
  ['a state that is not known yet', { state: { kind: 'dreaming' } }, { state: null }],
  ['a reason that is not known yet', { state: { ...published.state, why: 'moon' } }, { state: null }],
  ['a time that is none', { end: { kind: 'done', at: 'soon' } }, { end: null }],
  ['a zone that nobody knows', { timeZone: 'Mars/Base' }, { timeZone: 'Asia/Seoul' }],
  ['a speed that is no number', { pace: { perSecond: 'fast' } }, { pace: null }],
  ['what would move the cursor', { allowed: '\u001B[2J' }, { allowed: null }],
])('of %s only that is left out', (_, other, shown) => {
  expect(parseProgress({ ...published, ...other })).toMatchObject({ runId: 'r1', ...shown });
});

test.each([
  null,
  'text',
  {},
  { job: 'proof' },
  { ...published, due: 'many' },
  { ...published, runId: '\u001B[2J' },
])('no progress: %j', (other) => {
  expect(parseProgress(other)).toBeNull();
});

test("an embedded ledger's holder, with a job that has not begun to call, with one that has, and nonsense", () => {
  const holder = {
    host: 'here',
    pid: 7,
    since: '2026-11-24T13:00:00.000Z',
    beatAt: '2026-11-24T14:00:00.000Z',
  };
  const read = parseHolder({ ...holder, progress: { job: 'proof' } });
  const times = { since: new Date(holder.since), beatAt: new Date(holder.beatAt) };
  expect(read).toEqual({ ...holder, ...times, job: 'proof', told: null });
  expect(parseHolder({ ...holder, since: 'long ago', progress: null })?.since).toBeNull();
  expect(parseHolder({ ...holder, progress: { job: 'proof', ...published } })?.told?.due).toBe(90);
  expect(parseHolder({ ...holder, progress: null })).toMatchObject({ job: null, told: null });
  expect(parseHolder({ ...holder, beatAt: 'now' })).toBeNull();
  expect(parseHolder(null)).toBeNull();
});
