import { describe, expect, test } from 'vitest';
import { outlookOf, ruleOf } from '../../../src/report/life/record-outlook.ts';
import { callClasses, whoMustAct, type CallClass } from '../../../src/domain/class.ts';
import { createOutcomeRules } from '../../../src/konaplate/outcome-rules.ts';
import type { AttemptRow } from '../../../src/ledger/runs/attempt-table.ts';
import type { RecordRow } from '../../../src/ledger/runs/enrollment-table.ts';

const at = new Date('2026-11-22T16:00:00Z');

function record(is: CallClass | 'pending', nights: number, status: RecordRow['status'] = is): RecordRow {
  return {
    record_no: '1',
    provider: 'p',
    user_id: '11',
    par: 'P'.repeat(27),
    status,
    class: is,
    since: null,
    last_run_no: 1,
    // Without a code it was refused before the provider, which is the work of others.
    code: is === 'unknown_code' ? '009_999' : null,
    message: null,
    http_status: null,
    correlation_id: null,
    attempts: 1,
    unanswered: 0,
    nights,
    last_night: null,
    first_attempt_at: null,
    last_attempt_at: null,
    first_success_at: null,
  };
}

const terms = { nightsLimit: 3, timeZone: 'Asia/Seoul', resolution: null };
const resolution = {
  class: 'conflict',
  code: null,
  resolved_at: at,
  resolved_by: 'kim@desk',
  note: 'has left',
  undone_at: null,
  undone_by: null,
  in_force: true,
} as const;

describe('what happens next with a record', () => {
  test.each<[CallClass | 'pending', number, RegExp]>([
    ['pending', 0, /^the next run of a list that holds it calls it$/],
    ['enrolled', 0, /^nothing: it is enrolled/],
    ['already_active', 0, /^nothing: it is enrolled/],
    ['action_required', 1, /^the customer must act; .*another night calls it again, on up to 2 more nights$/],
    ['transient', 2, /^the next list calls it again, on 1 more night$/],
    ['ambiguous', 3, /^it came again for 3 nights and no list calls it any more: operations/],
    ['bad_data', 0, /the list owner corrects its data/],
    ['conflict', 0, /operations find out whose card it is/],
    ['unknown_code', 0, /a developer gives the code a class/],
  ])('%s after %i nights', (is, nights, next) => {
    expect(outlookOf(record(is, nights), terms, 'en').next).toMatch(next);
  });

  test('a record refused before the provider is the work of operations', () => {
    const refused = { ...record('unknown_code', 0), code: null };
    expect(outlookOf(refused, terms, 'en')).toMatchObject({ whoMustAct: 'operations' });
    expect(outlookOf(refused, terms, 'en').next).toContain('which gateway or firewall refuses it');
  });

  test.each(callClasses)('%s is the work of whom the domain says', (is) => {
    for (const nights of [2, 3]) {
      expect(outlookOf(record(is, nights), terms, 'en').whoMustAct).toBe(whoMustAct(is, nights >= 3));
    }
  });

  test('settled by a person it is nobody’s, and the day is the zone’s', () => {
    expect(outlookOf(record('conflict', 0), { ...terms, resolution }, 'en')).toEqual({
      whoMustAct: 'nobody',
      next: 'settled by kim@desk on 2026-11-23: has left (no list calls it, and nobody must act until its class or code changes)',
    });
    expect(outlookOf(record('transient', 0), { ...terms, resolution }, 'en').next).toContain(
      '(lists call it again,',
    );
  });

  test('a call under way is waited for', () => {
    expect(outlookOf(record('conflict', 0, 'sending'), terms, 'en').next).toMatch(/^a call is under way/);
  });
});

function attempt(overrides: Partial<AttemptRow>): AttemptRow {
  return {
    call: 'register',
    run_id: 'r',
    line: 2,
    correlation_id: 'c',
    sent_at: at,
    latency_ms: 5,
    reply_kind: 'answered',
    http_status: 400,
    code: null,
    message: null,
    error: null,
    raw_reply: null,
    outcome: 'ambiguous',
    answer_correlation_id: null,
    ...overrides,
  };
}

describe('the rule that gave an attempt its outcome', () => {
  const rules = createOutcomeRules({ '009_999': 'bad_data' });
  test.each<[Partial<AttemptRow>, RegExp]>([
    [{ code: '007_017', outcome: 'already_active' }, /^built in, 007_017 is already_active: /],
    [{ code: '007_017', outcome: 'recovered' }, /^built in, 007_017 is already_active: /],
    [{ code: '009_999', outcome: 'bad_data' }, /^the job file's, 009_999 is bad_data: /],
    [{ code: '009_999', outcome: 'unknown_code' }, /^a rule that has changed since/],
    [{ code: '009_998', outcome: 'unknown_code' }, /^a code that no rule knows$/],
    [{ http_status: 401, code: '009_998', outcome: 'stop_run' }, /^HTTP 401: says nothing of the record$/],
    // The code alone would be bad_data: the answer ended the run all the same.
    [{ http_status: 401, code: '001_003', outcome: 'stop_run' }, /^HTTP 401: says nothing of the record$/],
    [{ http_status: 429, code: '007_017' }, /^HTTP 429: not processed/],
    [{ http_status: 503, code: '007_017' }, /^HTTP 503: may have taken effect/],
    [{}, /^no readable code/],
    [{ reply_kind: 'not_sent', http_status: null }, /^not sent/],
    [{ reply_kind: 'lost', http_status: null }, /^no answer/],
    [{ call: 'plans', http_status: 200, code: '000_000' }, /^an inquiry/],
  ])('%o', (overrides, rule) => {
    expect(ruleOf(attempt(overrides), rules, 'en')).toMatch(rule);
  });
});
