import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskId, maskIdsInOurText, maskIdsInText, maskKnownIds } from '../../src/domain/identity/masking.ts';

const digit = fc.constantFrom(...Array.from('0123456789'));
const capital = fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'));

describe('maskId', () => {
  test.each([
    ['9999999999999999999', '99*************9999'],
    ['Q1HJZ28RKA1EBL470G9XYG90R5D', 'Q1*********************0R5D'],
    ['1234567890', '12****7890'],
    ['123456789', '******789'],
    ['12', '**'],
    ['7', '*'],
    ['', ''],
  ])('%s is shown as %s', (id, shown) => {
    expect(maskId(id)).toBe(shown);
  });

  test('never more than six characters, never more than a third of a short id, always the length it had', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (id) => {
        const characters = Array.from(id);
        const shown = Array.from(maskId(id));
        expect(shown).toHaveLength(characters.length);
        const lead = characters.length >= 10 ? 2 : 0;
        const tail = characters.length >= 10 ? 4 : Math.floor(characters.length / 3);
        const hidden = shown.slice(lead, characters.length - tail);
        expect(new Set(hidden)).toEqual(new Set(['*']));
        expect(hidden.length).toBeGreaterThanOrEqual(Math.min(4, Math.ceil((characters.length * 2) / 3)));
      }),
    );
  });
});

describe('maskIdsInText', () => {
  test('masks every user id and PAR, and leaves the words', () => {
    expect(
      maskIdsInText(
        'member 9999999999999999999 (PAR Q1HJZ28RKA1EBL470G9XYG90R5D): line 1204, code 007_012, 2026-11-23',
      ),
    ).toBe(`member 99*************9999 (PAR Q1${'*'.repeat(21)}0R5D): line 1204, code 007_012, 2026-11-23`);
  });

  test('no id survives, whatever stands around it', () => {
    const id = fc.oneof(
      fc.string({ unit: digit, minLength: 10, maxLength: 19 }),
      fc.string({ unit: capital, minLength: 27, maxLength: 27 }),
    );
    fc.assert(
      fc.property(id, fc.string(), fc.string(), (secret, before, after) => {
        expect(maskIdsInText(before + secret + after)).not.toContain(secret);
      }),
    );
  });

  test('is the same when it is done twice', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: digit, minLength: 10 }))), (parts) => {
        const once = maskIdsInText(parts.join(' '));
        expect(maskIdsInText(once)).toBe(once);
      }),
    );
  });
});

describe('maskIdsInOurText', () => {
  const correlationId = '261124030739-0000d47';

  test('leaves a correlation id whole, and masks what stands around it', () => {
    expect(
      maskIdsInOurText(
        `class enrolled; inquiry ${correlationId}; member 9999999999999999999, ${correlationId}`,
      ),
    ).toBe(`class enrolled; inquiry ${correlationId}; member 99*************9999, ${correlationId}`);
  });

  test.each([
    ['is no time', '269924030739-0000d47'],
    ['is longer', '1261124030739-0000d47'],
    ['goes on', '261124030739-0000d471'],
    ['goes on after a hyphen', '261124030739-0000d47-1'],
    ['is part of a longer word', '9-261124030739-0000d47'],
    ['has no number after it', '261124030739'],
  ])('masks what only begins like one: it %s', (_, text) => {
    const [id = ''] = /[0-9]{12,}/.exec(text) ?? [];
    expect(maskIdsInOurText(text)).toBe(text.replace(id, maskId(id)));
  });

  test('the words of others are masked whatever they look like', () => {
    expect(maskIdsInText(`inquiry ${correlationId}`)).toBe('inquiry 26******0739-0000d47');
  });

  test('no PAR and no 19-digit id survives, whatever stands around it', () => {
    const id = fc.oneof(
      fc.string({ unit: digit, minLength: 13, maxLength: 19 }),
      fc.string({ unit: capital, minLength: 27, maxLength: 27 }),
    );
    const around = fc.oneof(fc.string(), fc.constantFrom(correlationId, ` ${correlationId} `, '-0000d47'));
    fc.assert(
      fc.property(id, around, around, (secret, before, after) => {
        expect(maskIdsInOurText(before + secret + after)).not.toContain(secret);
      }),
    );
  });
});

describe('maskKnownIds', () => {
  const ids = ['70001234', 'Q1HJZ28RKA1EBL470G9XYG90R5D'];

  test('masks a PAR that somebody repeats in other letters', () => {
    const masked = `q1${'*'.repeat(21)}0r5d`;
    expect(maskKnownIds('par q1hjz28rka1ebl470g9xyg90r5d is odd', ids)).toBe(`par ${masked} is odd`);
    expect(maskKnownIds('par q1hjz28rka1ebl470g9xyg90r5', ids)).toBe(`par q1${'*'.repeat(24)}`);
  });

  test('masks an id that the end of the text cuts short', () => {
    expect(maskKnownIds('{"par":"Q1HJZ28RKA1EBL470G9XYG90R5', ids)).toBe(`{"par":"Q1${'*'.repeat(24)}`);
    expect(maskKnownIds('{"userId":7000123', ids)).toBe('{"userId":*******');
  });

  test('leaves the end of a text that begins as no id does, or is shorter than what a mask tells', () => {
    expect(maskKnownIds('no member Q1X', ids)).toBe('no member Q1X');
    expect(maskKnownIds('HTTP 700', ids)).toBe('HTTP 700');
    expect(maskKnownIds('code 00123', ids)).toBe('code 00123');
  });
});
