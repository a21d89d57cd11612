import { expect, test } from 'vitest';
import { EchoWatch, type EchoFinding } from '../../src/dispatch/guards/echo-watch.ts';
import type { AnswerOwner } from '../../src/konaplate/answer-owner.ts';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';

/** `o` ours, `x` another's, `m` missing, `u` unasked, one answer after the other. */
function watch(answers: string): readonly (EchoFinding['kind'] | null)[] {
  const echoes: Record<string, AnswerOwner['echo']> = { o: 'ours', x: 'other', m: 'missing', u: 'unasked' };
  const echo = new EchoWatch();
  return answers
    .split('')
    .map(
      (one) => echo.observe({ echo: echoes[one] ?? 'unasked', otherCorrelationId: 'theirs' })?.kind ?? null,
    );
}

test('the first 20 answers all of other calls stop the run, what is read by its status apart', () => {
  expect(watch('x'.repeat(20)).at(-1)).toBe('stop');
  expect(watch(`${'xu'.repeat(19)}u`)).not.toContain('stop');
  expect(watch('xu'.repeat(20))).toContain('stop');
  expect(watch(`o${'x'.repeat(40)}`)).not.toContain('stop');
  expect(watch(`${'x'.repeat(19)}o${'x'.repeat(40)}`)).not.toContain('stop');
});

test('a missing id is told once', () => {
  expect(watch('ommom')).toEqual([null, 'warn', null, null, null]);
  expect(watch('ooxu')).toEqual([null, null, null, null]);
});

test('a run is told so once, and goes on', async () => {
  const world = createDispatchWorld({ records: claimedRecords(5), answer: () => enrolled, echo: 'missing' });
  expect(await world.runThroughTime()).toBeNull();
  expect(world.warnings).toEqual([expect.stringContaining('carry no X-KM-Correlation-Id')]);
});

test('a run stops by wrong_setup and names the setting', async () => {
  const error = 'the answer belongs to another call';
  const world = createDispatchWorld({
    records: claimedRecords(40),
    answer: () => ({ kind: 'no_answer', httpStatus: 200, error }),
    echo: 'other',
  });
  const reason = await world.runThroughTime();
  expect(reason).toMatchObject({ kind: 'provider', cause: 'wrong_setup' });
  expect(JSON.stringify(reason)).toContain('provider.correlationEcho: ignore');
  expect(world.count('send')).toBeLessThan(30);
});
