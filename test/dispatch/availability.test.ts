import { describe, expect, test } from 'vitest';
import { createAvailabilityWatch } from '../../src/dispatch/guards/availability.ts';
import type { Outcome, Reply } from '../../src/domain/outcome.ts';
import { classifyReply, createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import { answered, enrolled, noAnswer, notSent } from './dispatch-world.ts';

const MINUTE = 60_000;
const tooMany = answered(429, null, 1_000);

function setup(pauses = { backoffMinMs: 1_000, backoffMaxMs: 60_000 }) {
  const watch = createAvailabilityWatch(pauses);
  const rules = createOutcomeRules({});
  const judge = (reply: Reply): Outcome =>
    classifyReply(reply, { unansweredBefore: 0, setup: 'proved' }, rules);
  /** The sentence if the provider counts as unavailable now. Once it is in doubt each call is a probe, as a dispatch has it. */
  const note = (reply: Reply, at = 0, isProbe = watch.isDoubtful): string | null => {
    const availability = watch.observe({ reply, judged: judge(reply), at, isProbe });
    return availability.kind === 'unavailable' ? availability.sentence : null;
  };
  return {
    note,
    atEnd: () => watch.atEnd(),
    notes: (reply: Reply, times: number) => Array.from({ length: times }, () => note(reply)),
  };
}

describe('calls without an answer', () => {
  test.each([
    ['refused connections', notSent, 'ECONNREFUSED'],
    ['broken connections', noAnswer, 'ECONNRESET'],
    ['5xx', answered(503, null), 'HTTP 503'],
    ['5xx with a documented code', answered(500, '000_000'), 'HTTP 500'],
    ['answers we can not read', answered(200, null), 'HTTP 200; it is no JSON object'],
  ])('%s: the twentieth in a row, not the nineteenth', (_, reply, word) => {
    const { notes } = setup();
    const told = notes(reply, 20);
    expect(told.slice(0, 19).every((sentence) => sentence === null)).toBe(true);
    expect(told[19]).toContain('20 calls in a row');
    expect(told[19]).toContain(word);
  });

  test.each([
    ['a success', enrolled],
    ['a refusal', answered(400, '001_003')],
    ['a 429', tooMany],
  ])('%s begins the count anew', (_, reply) => {
    const { note, notes } = setup();
    notes(notSent, 19);
    expect(note(reply)).toBeNull();
    expect(notes(noAnswer, 19).every((sentence) => sentence === null)).toBe(true);
    expect(note(notSent)).not.toBeNull();
  });

  test('three faults of our set-up in a row are enough, and say what to mend', () => {
    const setUpFault = { cause: 'wrong_setup', sentence: 'The certificate has expired.' } as const;
    const refused = { kind: 'not_sent', error: 'CERT_HAS_EXPIRED', setUpFault } as const;
    const { note, notes } = setup();
    expect(notes(refused, 2)).toEqual([null, null]);
    // One good machine among several bad ones.
    expect(note(enrolled)).toBeNull();
    expect(notes(refused, 3)).toEqual([null, null, 'The certificate has expired.']);
  });

  test('different kinds of silence are one row', () => {
    const { note, notes } = setup();
    notes(notSent, 9);
    notes(noAnswer, 9);
    expect(note(answered(502, null))).toBeNull();
    expect(note(answered(502, null))).not.toBeNull();
  });
});

test('calls that were in flight when the silence was noticed are lost in one instant, and not counted', () => {
  const { note, notes } = setup();
  notes(noAnswer, 5);
  for (let inFlight = 0; inFlight < 100; inFlight += 1) expect(note(noAnswer, 0, false)).toBeNull();
  expect(notes(notSent, 14).every((sentence) => sentence === null)).toBe(true);
  expect(note(notSent)).toContain('20 calls in a row');
});

test('an answer to one of them ends the silence all the same', () => {
  const { note, notes } = setup();
  notes(noAnswer, 19);
  expect(note(enrolled, 0, false)).toBeNull();
  expect(notes(noAnswer, 19).every((sentence) => sentence === null)).toBe(true);
});

describe('nothing but 429', () => {
  /** One a minute, as the slowest rate has it. */
  const eachMinute = (note: (reply: Reply, at: number) => string | null, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => note(tooMany, (from + index) * MINUTE));

  test('for ten minutes', () => {
    const { note } = setup();
    expect(eachMinute(note, 5, 14).every((sentence) => sentence === null)).toBe(true);
    expect(note(tooMany, 15 * MINUTE - 1)).toBeNull();
    expect(note(tooMany, 15 * MINUTE)).toContain('429');
  });

  test.each([
    ['a success', enrolled],
    ['a silent call', notSent],
  ])('%s in between begins the ten minutes anew', (_, reply) => {
    const { note } = setup();
    eachMinute(note, 0, 8);
    note(reply, 9 * MINUTE);
    expect(eachMinute(note, 10, 19).every((sentence) => sentence === null)).toBe(true);
    expect(note(tooMany, 20 * MINUTE)).not.toBeNull();
  });

  test.each([3, 11])('so does a time of %i minutes in which no call could leave', (minutes) => {
    const { note } = setup();
    eachMinute(note, 0, 9);
    const after = 9 + minutes;
    expect(eachMinute(note, after, after + 9).every((sentence) => sentence === null)).toBe(true);
    expect(note(tooMany, (after + 10) * MINUTE)).not.toBeNull();
  });

  test('a time the provider has asked for itself counts, whatever a call in flight was told after it', () => {
    const { note } = setup();
    const notSoon = answered(429, null, 6 * MINUTE);
    expect(note(notSoon, 0)).toBeNull();
    expect(note(tooMany, 1_000)).toBeNull();
    expect(note(notSoon, 6 * MINUTE)).toBeNull();
    expect(note(notSoon, 12 * MINUTE)).toContain('429');
  });

  test('so does our own pause after a 429 that asks for none', () => {
    const { note } = setup({ backoffMinMs: 5 * MINUTE, backoffMaxMs: 5 * MINUTE });
    const plain = answered(429, null);
    expect([0, 5].map((minute) => note(plain, minute * MINUTE))).toEqual([null, null]);
    expect(note(plain, 10 * MINUTE)).toContain('429');
  });

  test('a thousand of them in a short time are no reason', () => {
    const { notes } = setup();
    expect(notes(tooMany, 1_000).every((sentence) => sentence === null)).toBe(true);
  });
});

describe('when no call is left to make', () => {
  test('a provider to whom not one call could be sent is unavailable, however short the list', () => {
    const { notes, atEnd } = setup();
    notes(notSent, 3);
    expect(atEnd()).toBe('none of 3 calls could be sent (last: ECONNREFUSED: refused)');
  });

  test.each([
    ['answered once, at first', [enrolled, notSent, notSent]],
    ['answered once, at last', [notSent, notSent, tooMany]],
    ['been sent a call and not answered it', [notSent, noAnswer, notSent]],
    ['not been asked', []],
  ])('one that has %s is not', (_, replies) => {
    const { note, atEnd } = setup();
    for (const reply of replies) note(reply);
    expect(atEnd()).toBeNull();
  });
});
