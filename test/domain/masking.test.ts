import { describe, expect, test } from 'vitest';
import { maskId, maskIdsInText, maskKnownIds } from '../../src/domain/masking.ts';

const userId = '9999999999999999999';
const par = 'PAR000000000000000000000017';

test.each([
  [userId, '99*************9999'],
  [par, 'PA*********************0017'],
  ['1234567890', '12****7890'],
  ['123456789', '******789'],
  ['7', '*'],
  ['', ''],
])('%s is shown as %s', (id, shown) => {
  expect(maskId(id)).toBe(shown);
});

test('what looks like an id is masked in any text, a code or a count is not', () => {
  expect(maskIdsInText(`user ${userId}, par ${par}: 007_017 after 200 ms`)).toBe(
    `user ${maskId(userId)}, par ${maskId(par)}: 007_017 after 200 ms`,
  );
});

describe('known ids', () => {
  test('are masked as whole words, however short', () => {
    expect(maskKnownIds('{"userId":12345678,"n":123456789}', ['12345678'])).toBe(
      '{"userId":******78,"n":123456789}',
    );
    expect(maskKnownIds('007_017 for 7', ['7'])).toBe('007_017 for *');
  });

  test('do not keep others from being masked', () => {
    expect(maskKnownIds(`7 ${userId}`, ['7'])).toBe(`* ${maskId(userId)}`);
    expect(maskKnownIds(`7 ${userId}`, [])).toBe(`7 ${maskId(userId)}`);
  });
});
