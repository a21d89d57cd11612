import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatCorrelationId } from '../../src/konaplate/correlation-id.ts';
import { formatProviderTimes, type ProviderTimeZone } from '../../src/konaplate/provider-clock.ts';
import { formatRegistrationBody } from '../../src/konaplate/request-body.ts';
import { signTranToken } from '../../src/konaplate/tran-token.ts';
import { testPar, testUserId } from './client-world.ts';

interface Vectors {
  readonly tranTokens: readonly { secretKey: string; timestamp: string; body: string; token: string }[];
  readonly tranTokenLength: number;
  readonly clock: readonly {
    instant: string;
    zone: ProviderTimeZone;
    tranTime: string;
    tokenTime: string;
    correlationPrefix: string;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../contract/provider-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

describe('transaction token', () => {
  test('the vector file has vectors', () => {
    expect(vectors.tranTokens.length).toBe(2);
    expect(vectors.clock.length).toBe(3);
  });

  test.each(vectors.tranTokens)('vector $timestamp $token', ({ secretKey, timestamp, body, token }) => {
    const signed = signTranToken(createSecretKey(secretKey, 'utf8'), timestamp, body);
    expect(signed).toBe(token);
    expect(signed).toHaveLength(vectors.tranTokenLength);
  });

  test('one changed byte of the body changes the token', () => {
    const key = createSecretKey('a secret', 'utf8');
    expect(signTranToken(key, '20261123091501123', 'a')).not.toBe(
      signTranToken(key, '20261123091501123', 'b'),
    );
  });

  test('key and body are signed as UTF-8', () => {
    // Python: base64.b64encode(hmac.new("비밀".encode(), "값".encode(), "sha256").digest())
    const key = createSecretKey('비밀', 'utf8');
    expect(signTranToken(key, '20261123091501123', '값')).toBe(
      'KMV1:20261123091501123:NCP5sdUXcPAHhKJBDSbZ4DrMrVU2SWm34mLhjvwZihM=',
    );
  });
});

describe('the three times of a request', () => {
  test.each(vectors.clock)(
    '$instant in $zone',
    ({ instant, zone, tranTime, tokenTime, correlationPrefix }) => {
      expect(formatProviderTimes(new Date(instant), zone)).toEqual({
        tranTime,
        tokenTime,
        correlationPrefix,
      });
    },
  );
});

describe('correlation id', () => {
  test.each([
    [0, '261123091501-0000000'],
    [0xabc, '261123091501-0000abc'],
    [0xfff_ffff, '261123091501-fffffff'],
  ])('%i', (number, expected) => {
    expect(formatCorrelationId('261123091501', number)).toBe(expected);
    expect(expected).toHaveLength(20);
  });

  test.each([-1, 0x1000_0000, 1.5, Number.NaN])('%d is refused, never cut', (number) => {
    expect(() => formatCorrelationId('261123091501', number)).toThrow(
      expect.objectContaining({ code: 'correlation_number_range' }),
    );
  });
});

describe('body', () => {
  test.each([
    ['9999999999999999999', 'Q1A0B1C2D3E4F5A6B7C8D9E0F1A'],
    ['9007199254740993', 'Q100000000000000000000000Z9'],
  ])('user id %s keeps every digit', (digits, par) => {
    expect(formatRegistrationBody({ userId: testUserId(digits), par: testPar(par) })).toBe(
      `{"userId":${digits},"par":"${par}"}`,
    );
  });

  test.each(['', '0', '01', '1e3', '12345678901234567890', '1,"x":2'])(
    'what was stored as user id %j but is none does not reach the wire',
    (stored) => {
      const record = {
        userId: stored as ReturnType<typeof testUserId>,
        par: testPar('Q100000000000000000000000Z9'),
      };
      expect(() => formatRegistrationBody(record)).toThrow(
        expect.objectContaining({ code: 'request_user_id' }),
      );
    },
  );

  test('nor does a PAR that is none', () => {
    const record = { userId: testUserId('1'), par: 'Q1"' as ReturnType<typeof testPar> };
    expect(() => formatRegistrationBody(record)).toThrow(expect.objectContaining({ code: 'request_par' }));
  });
});
