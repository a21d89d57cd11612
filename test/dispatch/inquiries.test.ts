import { expect, test } from 'vitest';
import { answered, claimedRecords, createDispatchWorld, enrolled, noAnswer } from './dispatch-world.ts';

const conflict = answered(400, '007_012');

test('an ambiguous call is asked about through the same gate, and found it is final', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(1),
    answer: () => noAnswer,
    plans: () => ({ reply: enrolled, found: true }),
  });
  expect(await world.run()).toBeNull();
  expect(world.happenings.filter((happening) => happening !== 'claim')).toEqual([
    'prepare 1',
    'mark 1',
    'permit',
    'send 1',
    'record 1',
    'prepare 1',
    'mark 1',
    'permit',
    'ask 1',
    'record 1',
  ]);
  expect(world.recorded).toMatchObject([
    { call: 'register', outcome: 'ambiguous', settled: false, finding: null },
    { call: 'plans', outcome: 'recovered', settled: true, finding: "found among the member's active plans" },
  ]);
  expect(world.progress.at(-1)).toMatchObject({ calls: 2, final: { recovered: 1 } });
});

test('not found, it is called again, and an answer then is the end', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(1),
    answer: (_, nth) => (nth === 1 ? noAnswer : answered(400, '007_017')),
    plans: () => ({ reply: enrolled, found: false }),
  });
  expect(await world.run()).toBeNull();
  expect(world.recorded.map(({ call, outcome, settled }) => [call, outcome, settled])).toEqual([
    ['register', 'ambiguous', false],
    ['plans', 'ambiguous', false],
    ['register', 'recovered', true],
  ]);
});

test('a conflict that is ours is already active, one that is not stays a conflict', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(2),
    answer: () => conflict,
    plans: (recordNo) => ({ reply: enrolled, found: recordNo === '2' }),
  });
  expect(await world.run()).toBeNull();
  expect(world.progress.at(-1)?.final).toEqual({ conflict: 1, already_active: 1 });
  expect(world.count('send')).toBe(2);
  expect(world.count('ask')).toBe(2);
});

test('a class that outcomes gave is recorded as theirs, and what an inquiry found is not', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(3),
    answer: (recordNo) => answered(400, recordNo === '1' ? '999_999' : '007_012'),
    plans: (recordNo) => ({ reply: enrolled, found: recordNo === '2' }),
    outcomes: { '999_999': 'bad_data', '007_012': 'ambiguous' },
    attempts: 1,
  });
  expect(await world.runThroughTime()).toBeNull();
  const recorded = world.recorded.map(
    (one) => `${one.recordNo} ${one.call} ${one.outcome} ${one.isGivenByJobFile === true ? 'given' : 'not'}`,
  );
  expect(recorded.toSorted()).toEqual([
    '1 register bad_data given',
    '2 plans recovered not',
    '2 register ambiguous given',
    '3 plans ambiguous not',
    '3 register ambiguous given',
  ]);
});

test('a class of the built-in table is not recorded as of outcomes', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(2),
    answer: (recordNo) => (recordNo === '1' ? enrolled : answered(400, '007_016')),
    outcomes: { '999_999': 'bad_data' },
  });
  await world.run();
  expect(world.recorded.map(({ isGivenByJobFile }) => isGivenByJobFile)).toEqual([false, false]);
});

test('an inquiry that is not answered counts as silence of the provider, as a call does', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(40),
    answer: () => conflict,
    plans: () => ({ reply: noAnswer, found: false }),
    concurrency: 1,
    attempts: 40,
  });
  expect(await world.runThroughTime()).toMatchObject({
    kind: 'provider',
    sentence: expect.stringMatching(/20 calls in a row/) as string,
  });
});

test('an address that does not know the inquiry stops the run, and the conflict stands as it was', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(1),
    answer: () => conflict,
    plans: () => ({ reply: answered(404, null), found: false }),
  });
  expect(await world.run()).toMatchObject({
    kind: 'provider',
    sentence: expect.stringMatching(/HTTP 404.*verify\.enabled/) as string,
  });
  expect(world.recorded.at(-1)).toMatchObject({ call: 'plans', outcome: 'stop_run', settled: false });
});
