import { describe, expect, test } from 'vitest';
import { callClasses } from '../../src/domain/class.ts';
import type { Outcome, Reply } from '../../src/domain/outcome.ts';
import { builtInOutcomes } from '../../src/konaplate/built-in-outcomes.ts';
import { givenOutcomes } from '../../src/domain/provider-code.ts';
import {
  classifyReply,
  createOutcomeRules,
  isGivenByJobFile,
  provesSetup,
  type AnswerContext,
  type OutcomeRules,
} from '../../src/konaplate/outcome-rules.ts';

const builtIn = createOutcomeRules({});

function answered(httpStatus: number, code: string | null, retryAfterMs: number | null = null): Reply {
  const unread = code === null ? 'it is no JSON object' : null;
  return { kind: 'answered', httpStatus, code, unread, message: 'words', raw: 'raw', retryAfterMs };
}

function classify(reply: Reply, unansweredBefore = 0, rules: OutcomeRules = builtIn): Outcome {
  return classifyReply(reply, { unansweredBefore, setup: 'proved' }, rules);
}

/** As it is judged while nothing has proved our set-up, or a person vouches for it. */
function classifyUnder(setup: AnswerContext['setup'], reply: Reply, rules: OutcomeRules = builtIn): string {
  return summary(classifyReply(reply, { unansweredBefore: 0, setup }, rules));
}

function invalidInput(message: string | null, httpStatus = 400): Reply {
  return {
    kind: 'answered',
    httpStatus,
    code: '000_002',
    unread: null,
    message,
    raw: '',
    retryAfterMs: null,
  };
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
    // 000_002 is also what a wrong key gets, so it does not outweigh these statuses.
    [401, '000_002', 'stop_run'],
    [403, '000_002', 'stop_run'],
    [404, '000_002', 'stop_run'],
    // 405 and its like without a code: refused before the provider read the call.
    [405, null, 'stop_run'],
    [406, null, 'stop_run'],
    [411, null, 'stop_run'],
    [413, null, 'stop_run'],
    [414, null, 'stop_run'],
    [415, null, 'stop_run'],
    [431, null, 'stop_run'],
    [405, '007_017', 'already_active'],
    [413, '000_002', 'bad_data'],
    [415, '999_999', 'unknown_code'],
    [410, null, 'ambiguous'],
    [451, null, 'ambiguous'],
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
  [405, 'KONA_BASE_URL'],
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
    createOutcomeRules({ '007_012': 'bad_data' });
    expect(summary(classify(answered(400, '007_012'), 0, createOutcomeRules({})))).toBe('conflict');
  });

  test('can not touch what a status decides', () => {
    const rules = createOutcomeRules({ '999_999': 'bad_data' });
    expect(summary(classify(answered(500, '999_999'), 0, rules))).toBe('ambiguous');
    expect(summary(classify(answered(429, '999_999'), 0, rules))).toBe('throttled');
  });

  test.each([
    ['000_000', 'conflict'],
    ['007_017', 'conflict'],
    ['007_017', 'already_active'],
    ['429', 'bad_data'],
    ['500', 'bad_data'],
    ['503 999_999', 'bad_data'],
    ['999-999', 'bad_data'],
    ['999_999', 'enrolled'],
    ['999_999', 'recovered'],
    // Never success to a failure that the provider documents.
    ['000_002', 'already_active'],
    ['001_003', 'already_active'],
    ['007_012', 'already_active'],
    ['007_031', 'already_active'],
  ])('%s to %s is refused', (code, given) => {
    const overrides = { [code]: given } as Parameters<typeof createOutcomeRules>[0];
    expect(() => createOutcomeRules(overrides)).toThrow(
      expect.objectContaining({ code: 'outcome_override_refused' }),
    );
  });

  test('every other outcome can be given to a code that nobody documented', () => {
    expect(givenOutcomes.toSorted()).toEqual(
      [...callClasses.filter((name) => name !== 'enrolled' && name !== 'recovered'), 'stop_run'].toSorted(),
    );
    for (const name of givenOutcomes) {
      expect(summary(classify(answered(400, '999_999'), 0, createOutcomeRules({ '999_999': name })))).toBe(
        name,
      );
    }
  });

  test('every failure and stop_run can be given to a documented failure', () => {
    for (const name of givenOutcomes.filter((given) => given !== 'already_active')) {
      const rules = createOutcomeRules({ '007_012': name, '000_002': name });
      expect(summary(classify(answered(400, '007_012'), 0, rules))).toBe(name);
      // A code that the job file names is not held.
      expect(classifyUnder('unproved', answered(400, '000_002'), rules)).toBe(name);
      expect(classifyUnder('unproved', answered(401, '000_002'), rules)).toBe('stop_run');
    }
  });

  test('are told from what the table, or a status, decides', () => {
    const rules = createOutcomeRules({ '999_999': 'bad_data', '007_031': 'conflict' });
    const given = (status: number, code: string | null): boolean =>
      isGivenByJobFile(answered(status, code), rules);
    expect([given(400, '999_999'), given(200, '007_031'), given(401, '999_999')]).toEqual([true, true, true]);
    expect([given(400, '007_012'), given(500, '999_999'), given(429, '999_999'), given(400, null)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(isGivenByJobFile({ kind: 'not_sent', error: 'e' }, rules)).toBe(false);
  });
});

describe('whose fault 000_002 is', () => {
  test('it is believed of the row where our set-up is proved, or a person vouches for it; else it waits', () => {
    for (const status of [200, 400, 408, 422]) {
      const reply = invalidInput('Invalid input parameter.', status);
      expect(classifyUnder('proved', reply)).toBe('bad_data');
      expect(classifyUnder('vouched', reply)).toBe('bad_data');
      expect(classifyUnder('unproved', reply)).toBe('held');
    }
    for (const status of [401, 403, 404])
      expect(classifyUnder('unproved', invalidInput(null, status))).toBe('stop_run');
    for (const status of [429, 500])
      expect(classifyUnder('unproved', invalidInput(null, status))).not.toBe('held');
  });

  test.each([
    'Invalid input parameter. X-KM-Crypto-Key-Id',
    'invalid INPUT parameter. x-km-crypto-KEY-id',
    'Invalid input parameter. X-KM-Tran-Token',
    'Invalid input parameter. encData',
    'Invalid input parameter. alg, enc',
    'Invalid input parameter. userId, X-KM-User-AspId',
    'Invalid input parameter. Content-Type',
  ])('"%s" names a part of our set-up', (message) => {
    expect(classifyUnder('unproved', invalidInput(message))).toBe('stop_run');
    expect(classifyUnder('vouched', invalidInput(message))).toBe('stop_run');
    expect(classifyUnder('proved', invalidInput(message))).toBe('unknown_code');
  });

  test('the run that stops names the part as the provider’s page writes it', () => {
    const outcome = classifyReply(
      invalidInput('Invalid input parameter. x-km-tran-time'),
      { unansweredBefore: 0, setup: 'unproved' },
      builtIn,
    );
    expect(outcome).toMatchObject({ kind: 'stop_run', by: 'setup' });
    expect(outcome.kind === 'stop_run' && outcome.sentence).toContain('names X-KM-Tran-Time');
  });

  test.each([
    'Invalid input parameter.',
    'Invalid input parameter. userId',
    'Invalid input parameter. par, userId',
    'Invalid input parameter. phoneNumber',
    'Invalid input parameter: encData',
    'Invalid input parameter. The encData of the call',
    'Bad alg',
    null,
  ])('"%s" names none of it', (message) => {
    expect(classifyUnder('unproved', invalidInput(message))).toBe('held');
    expect(classifyUnder('proved', invalidInput(message))).toBe('bad_data');
  });

  test.each([
    [200, '000_000', true],
    [201, '000_000', true],
    [400, '001_003', true],
    [200, '007_017', true],
    [400, '007_031', true],
    [400, '007_999', true],
    [401, '007_016', true],
    [400, '000_000', false],
    [400, '000_002', false],
    [400, '001_006', false],
    [400, '999_999', false],
    [401, '007_999', false],
    [429, '007_017', false],
    [500, '000_000', false],
    [302, '000_000', false],
    [200, null, false],
  ])('%i %s proves the set-up: %s', (status, code, proves) => {
    expect(provesSetup(answered(status, code))).toBe(proves);
  });

  test('silence proves nothing', () => {
    expect(provesSetup({ kind: 'not_sent', error: 'e' })).toBe(false);
    expect(provesSetup({ kind: 'no_answer', httpStatus: 200, error: 'e' })).toBe(false);
  });
});
