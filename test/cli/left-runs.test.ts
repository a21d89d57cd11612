import { expect, test } from 'vitest';
import { isLeft, leftLine } from '../../src/cli/views/left-runs.ts';
import type { LiveJob } from '../../src/ledger/locks/live-jobs.ts';
import type { RunState } from '../../src/domain/run-state.ts';

const live: LiveJob = {
  name: 'nightly',
  host: 'here',
  pid: 7,
  since: new Date(0),
  beat_at: new Date(0),
  progress: null,
};

test.each<[RunState, boolean]>([
  ['staging', true],
  ['dispatching', true],
  ['reporting', true],
  ['complete', false],
  ['stopped', false],
  ['superseded', false],
  ['refused', false],
])('a run in state %s whose job nobody has in hand was left by a process that died: %s', (state, left) => {
  expect(isLeft({ state, job: 'nightly' }, [])).toBe(left);
  expect(isLeft({ state, job: 'nightly' }, [{ ...live, name: 'other' }])).toBe(left);
  expect(isLeft({ state, job: 'nightly' }, [live])).toBe(false);
});

test('it is told as such, with what to do', () => {
  expect(leftLine({ id: 'r', state: 'dispatching', job: 'nightly' })).toBe(
    "Run r was left at dispatching: its process has died. Give job nightly's command again to continue; finished records cost no call.\n",
  );
});
