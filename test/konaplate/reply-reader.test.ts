import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/konaplate/reply-reader.ts';

function read(body: string): ReturnType<typeof readBody> {
  return readBody(Buffer.from(body, 'utf8'));
}

describe('known shapes', () => {
  test.each([
    ['{"response":{"code":"000_000","description":"Success."}}', '000_000', 'Success.'],
    ['{"response":{"code":"007_017","message":"already"}}', '007_017', 'already'],
    ['{"code":"007_012","description":"Par"}', '007_012', 'Par'],
    ['{"code":"007_012","message":"Par"}', '007_012', 'Par'],
    ['\ufeff{"code":"007_012"}', '007_012', null],
    ['{"response":{"code":"999_999"},"code":"000_000"}', '999_999', null],
    ['{"response":{"code":"001_003"},"code":"999_999"}', '001_003', null],
    ['{"response":{"code":"001_003"},"code":"001_003"}', '001_003', null],
    ['{"response":{"code":"001_003"},"code":0}', '001_003', null],
    ['{"response":{"code":"001_003","detail":{"code":"007_012"}}}', '001_003', null],
    ['{"a":{"response":1},"b":[{"code":1},{"code":2}],"response":{"code":"001_003"}}', '001_003', null],
    ['{"note":"\\"code\\":1,\\"code\\":2","response":{"code":"001_003"}}', '001_003', null],
    ['{"response":{"code":"001_003"},"data":{"a":1,"a":2}}', '001_003', null],
  ])('%s', (body, code, message) => {
    expect(read(body)).toEqual({ code, unread: null, message, raw: body, pars: null, sealed: null });
  });
});

describe('no readable code', () => {
  test.each([
    '',
    ' ',
    'null',
    '[]',
    '"000_000"',
    '000_000',
    '{"response":{"code":0}}',
    '{"response":{"code":"000_0000"}}',
    '{"response":{"code":" 000_000"}}',
    '{"response":{"code":"000_000\\n"}}',
    '{"response":{"code":["000_000"]}}',
    '{"response":["000_000"]}',
    '{"response":{"code":"000_000"',
    '{"result":{"code":"000_000"}}',
    '{"encData":"eyJhbGciOiJSU0EtT0FFUC0yNTYifQ"}',
    '<html>000_000</html>',
    '['.repeat(60_000),
  ])('%.60s', (body) => {
    expect(read(body).code).toBeNull();
  });

  test.each([
    ['', 'it is empty'],
    ['<html></html>', 'it is no JSON object'],
    ['["000_000"]', 'it is no JSON object'],
    ['{"response":{"code":0}}', 'it has no response.code of the form 999_999'],
  ])('why %s has none', (body, why) => {
    expect(read(body).unread).toBe(why);
  });

  test.each([
    ['{"response":{"code":"000_000","code":"007_031"}}', 'code stands twice in one object'],
    ['{"response":{"code":"000_000","code":"000_000"}}', 'code stands twice in one object'],
    ['{"response":{"code":"000_000","\\u0063ode":"007_031"}}', 'code stands twice in one object'],
    ['{"code":"000_000","message":"}{","code":1}', 'code stands twice in one object'],
    ['{"response":{"code":"000_000"},"response":{"code":"007_031"}}', 'response stands twice in one object'],
    ['{"response":{"code":"000_000"},"r\\u0065sponse":null}', 'response stands twice in one object'],
    ['{"encData":"a.b.c.d.e","encData":"f.g.h.i.j"}', 'encData stands twice in one object'],
    [
      '{"response":{"code":"000_000","deep":[[{"x":{},"code":1,"y":[],"code":2}]]}}',
      'code stands twice in one object',
    ],
    ['{"response":{},"code":"007_012"}', 'response has no code we can read, and 007_012 stands beside it'],
    [
      '{"response":{"code":12},"code":"000_000"}',
      'response has no code we can read, and 000_000 stands beside it',
    ],
    ['{"response":null,"code":"000_000"}', 'response has no code we can read, and 000_000 stands beside it'],
    ['{"response":{"code":"001_003"},"code":"000_000"}', '001_003 in response, and 000_000 beside it'],
    ['{"code":"007_012","response":{"code":"000_000"}}', '000_000 in response, and 007_012 beside it'],
  ])('%s says two things', (body, why) => {
    const { code, unread, sealed, raw } = read(body);
    expect({ code, unread, sealed, raw }).toEqual({
      code: null,
      unread: `it says two things: ${why}`,
      sealed: null,
      raw: body,
    });
  });

  test('the words are kept', () => {
    expect(read('{"message":"Not Found"}').message).toBe('Not Found');
    expect(read('{"response":{"message":"Gone"}}').message).toBe('Gone');
  });
});

describe('untrusted text', () => {
  test('loses control characters and what turns the direction of text', () => {
    const message = 'a\u001b[31mb\u0000c\u009bd\u202ee\u2066f\ng';
    expect(read(JSON.stringify({ code: '000_002', message })).message).toBe('a[31mbcdef g');
  });

  test('is capped at 300, never in half a character', () => {
    expect(read(JSON.stringify({ message: 'x'.repeat(5000) })).message).toBe('x'.repeat(300));
    expect(read(JSON.stringify({ message: `${'x'.repeat(299)}😀` })).message).toBe('x'.repeat(299));
    expect(read('{"message":"\\ud800!"}').message).toBe('\ufffd!');
  });

  test('the raw body is capped at 4 KiB, not in half a character, and holds no NUL', () => {
    const raw = read('한'.repeat(2000)).raw;
    expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(4096);
    expect(raw).toBe('한'.repeat(1365));
    expect(read('a\0b').raw).toBe('a\ufffdb');
  });
});

test('any bytes: no error, and no code out of nothing', () => {
  const anyBytes = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const body = readBody(Buffer.from(bytes));
    return body.code === null && !body.raw.includes('\0');
  });
  expect(fc.check(anyBytes).failed).toBe(false);
});

/** Of any JSON, but without the keys that decide: twice in one object they hide a code, and are meant to. */
const plainJson = fc.json().filter((text) => !/code|response|encData/.test(text));

test('any JSON around a code does not hide it', () => {
  const anyNeighbours = fc.property(plainJson, plainJson, (left, right) => {
    return read(`{"a":${left},"response":{"code":"007_017","x":${right}}}`).code === '007_017';
  });
  expect(fc.check(anyNeighbours).failed).toBe(false);
});
