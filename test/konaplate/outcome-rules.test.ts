import { describe, expect, test } from 'vitest';
import { callClasses, type CallClass } from '../../src/domain/class.ts';
import type { Outcome, Reply } from '../../src/domain/outcome.ts';
import { builtInOutcomes } from '../../src/konaplate/built-in-outcomes.ts';
import { classifyReply, createOutcomeRules, type OutcomeRules } from '../../src/konaplate/outcome-rules.ts';

const builtIn = createOutcomeRules({});

function answered(httpStatus: number, code: string | null, retryAfterMs: number | null = null): Reply {
  const unread = code === null ? 'it is no JSON object' : null;
  return { kind: 'answered', httpStatus, code, unread, message: 'words', raw: 'raw', retryAfterMs };
}

function classify(reply: Reply, unansweredBefore = 0, rules: OutcomeRules = builtIn): Outcome {
  return classifyReply(reply, { unansweredBefore }, rules);
}

/** A settled or unsettled outcome by its class alone, any other by its kind. */
function summary(outcome: Outcome): string {
  return outcome.kind === 'settled' || outcome.kind === 'unsettled' ? outcome.class : outcome.kind;
}

describe('the table of answers', () => {
  test.each([
    [200, '000_000', 'enrolled'],
    [400, '007_017', 'already_active'],
    [400, '007_012', 'conflict'],
    [400, '000_002', 'bad_data'],
    [400, '001_003', 'bad_data'],
    [400, '007_015', 'action_required'],
    [400, '007_016', 'action_required'],
    [400, '007_027', 'action_required'],
    [400, '007_031', 'action_required'],
  ])('%i %s is %s', (status, code, expected) => {
    expect(classify(answered(status, code))).toEqual({ kind: 'settled', class: expected });
  });

  test('these nine are all the built-in rules, with words in both languages', () => {
    expect(builtInOutcomes).toHaveLength(9);
    expect(builtIn.byCode.size).toBe(9);
    for (const rule of builtInOutcomes) {
      expect(rule.text.ko).toMatch(/[가-힣]/);
      expect(rule.text.en).toMatch(/[a-z]/);
    }
  });

  test.each([
    // A documented code decides with any 2xx or 4xx.
    [201, '000_000', 'enrolled'],
    [200, '007_017', 'already_active'],
    [200, '007_031', 'action_required'],
    [409, '007_012', 'conflict'],
    [408, '000_002', 'bad_data'],
    [401, '007_016', 'action_required'],
    [403, '001_003', 'bad_data'],
    [404, '007_017', 'already_active'],
    // 000_000 counts only with 2xx.
    [400, '000_000', 'unknown_code'],
    [401, '000_000', 'unknown_code'],
    // 429 and 5xx are read by their status.
    [429, '000_000', 'throttled'],
    [429, '007_017', 'throttled'],
    [429, null, 'throttled'],
    [500, '000_000', 'ambiguous'],
    [500, '007_017', 'ambiguous'],
    [502, null, 'ambiguous'],
    [503, '000_002', 'ambiguous'],
    [599, '999_999', 'ambiguous'],
    [999, '000_000', 'ambiguous'],
    // 401, 403, 404 stop the run unless there is a documented code; 3xx always.
    [401, null, 'stop_run'],
    [403, null, 'stop_run'],
    [404, null, 'stop_run'],
    [401, '999_999', 'stop_run'],
    [301, null, 'stop_run'],
    [302, '000_000', 'stop_run'],
    [307, '007_017', 'stop_run'],
    [304, null, 'stop_run'],
    // Without a readable code the outcome is unknown.
    [200, null, 'ambiguous'],
    [204, null, 'ambiguous'],
    [400, null, 'ambiguous'],
    [408, null, 'ambiguous'],
    [422, null, 'ambiguous'],
    [100, '000_000', 'ambiguous'],
    // A code nobody documented is parked.
    [200, '999_999', 'unknown_code'],
    [400, '999_999', 'unknown_code'],
    [408, '999_999', 'unknown_code'],
  ])('%i %s is %s', (status, code, expected) => {
    expect(summary(classify(answered(status, code)))).toBe(expected);
  });

  test('without an answer it is the sending that decides', () => {
    expect(classify({ kind: 'not_sent', error: 'e' })).toEqual({ kind: 'unsettled', class: 'transient' });
    expect(classify({ kind: 'no_answer', httpStatus: null, error: 'e' })).toEqual({
      kind: 'unsettled',
      class: 'ambiguous',
    });
    expect(summary(classify({ kind: 'no_answer', httpStatus: 200, error: 'e' }))).toBe('ambiguous');
  });

  test('429 hands on how long to wait', () => {
    expect(classify(answered(429, null, 2_000))).toEqual({
      kind: 'throttled',
      class: 'transient',
      retryAfterMs: 2_000,
    });
  });
});

describe('after an unanswered call', () => {
  test('already active is our own work', () => {
    expect(summary(classify(answered(400, '007_017'), 1))).toBe('recovered');
    expect(summary(classify(answered(200, '007_017'), 3))).toBe('recovered');
  });

  test('everything else means what it always means', () => {
    expect(summary(classify(answered(200, '000_000'), 1))).toBe('enrolled');
    expect(summary(classify(answered(400, '007_012'), 1))).toBe('conflict');
    expect(summary(classify(answered(500, '007_017'), 1))).toBe('ambiguous');
  });
});

test.each([
  [401, 'KONA_SECRET_KEY'],
  [403, 'KONA_ACCESS_KEY'],
  [404, 'KONA_BASE_URL'],
  [302, 'KONA_BASE_URL'],
])('HTTP %i says what to check', (status, name) => {
  const outcome = classify(answered(status, null));
  expect(outcome.kind === 'stop_run' && outcome.sentence).toContain(name);
  expect(outcome.kind === 'stop_run' && outcome.sentence).toContain(`HTTP ${status}`);
});

describe('overrides', () => {
  test('give a code a meaning, or another one', () => {
    const rules = createOutcomeRules({
      '999_999': 'bad_data',
      '007_016': 'conflict',
      '888_888': 'transient',
    });
    expect(summary(classify(answered(400, '999_999'), 0, rules))).toBe('bad_data');
    expect(summary(classify(answered(401, '999_999'), 0, rules))).toBe('bad_data');
    expect(summary(classify(answered(400, '007_016'), 0, rules))).toBe('conflict');
    expect(classify(answered(400, '888_888'), 0, rules)).toEqual({ kind: 'unsettled', class: 'transient' });
    expect(summary(classify(answered(400, '007_012'), 0, rules))).toBe('conflict');
    expect(rules.byCode.get('007_016')?.origin).toBe('job_file');
    expect(rules.byCode.get('007_015')?.origin).toBe('built_in');
  });

  test('do not reach the table of anybody else', () => {
    createOutcomeRules({ '007_017': 'conflict' });
    expect(summary(classify(answered(400, '007_017'), 0, createOutcomeRules({})))).toBe('already_active');
  });

  test('can not touch what a status decides', () => {
    const rules = createOutcomeRules({ '999_999': 'bad_data' });
    expect(summary(classify(answered(500, '999_999'), 0, rules))).toBe('ambiguous');
    expect(summary(classify(answered(429, '999_999'), 0, rules))).toBe('throttled');
  });

  test.each<[string, CallClass]>([
    ['000_000', 'conflict'],
    ['429', 'bad_data'],
    ['500', 'bad_data'],
    ['503 999_999', 'bad_data'],
    ['999-999', 'bad_data'],
    ['999_999', 'enrolled'],
    ['999_999', 'recovered'],
  ])('%s to %s is refused', (code, callClass) => {
    expect(() => createOutcomeRules({ [code]: callClass })).toThrow(
      expect.objectContaining({ code: 'outcome_override_refused' }),
    );
  });

  test('every other class can be given', () => {
    const given = callClasses.filter((name) => name !== 'enrolled' && name !== 'recovered');
    expect(given).toHaveLength(7);
    for (const name of given) {
      expect(summary(classify(answered(400, '999_999'), 0, createOutcomeRules({ '999_999': name })))).toBe(
        name,
      );
    }
  });
});
