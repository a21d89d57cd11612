import { describe, expect, test } from 'vitest';
import type { Flags } from '../../src/config/flags/flag-table.ts';
import { checkFlags } from '../../src/config/flags/flags.ts';
import { maskIdsInText } from '../../src/domain/identity/masking.ts';

function problemsWith(flags: object): readonly string[] {
  const result = checkFlags(flags);
  return result.kind === 'refused' ? result.problems : [];
}

test('no flags ask for nothing', () => {
  expect(checkFlags({ rate: undefined, map: undefined })).toEqual({
    kind: 'valid',
    value: {
      rate: null,
      concurrency: null,
      databaseUrl: null,
      reports: null,
      lang: null,
      encoding: null,
      sheet: null,
      map: { userId: null, par: null },
      again: false,
      allowFailures: false,
      limit: null,
      maxCalls: null,
      wait: false,
      json: false,
      quiet: false,
      yes: false,
      logLevel: 'info',
    },
  });
});

test('every flag is read', () => {
  const flags: Flags = {
    rate: '600/min',
    concurrency: '8',
    databaseUrl: 'embedded:x',
    allowFailures: true,
    reports: 'out',
    encoding: 'auto',
    map: ['a=b=userId', '카드=par'],
    limit: '10',
    wait: true,
    lang: 'en',
    logLevel: 'debug',
    json: true,
    quiet: true,
    yes: true,
    again: true,
  };
  expect(checkFlags(flags)).toMatchObject({
    value: {
      rate: [{ count: 600, windowMs: 60_000, unit: 'min' }],
      concurrency: 8,
      databaseUrl: 'embedded:x',
      reports: 'out',
      encoding: 'auto',
      map: { userId: 'a=b', par: '카드' },
      again: true,
      allowFailures: true,
      limit: 10,
      wait: true,
      json: true,
      yes: true,
      logLevel: 'debug',
    },
  });
});

describe('a wrong value is refused by the name of its flag', () => {
  test.each([
    [{ rate: 'abc' }, '--rate'],
    [{ rate: '0/s' }, '--rate'],
    [{ rate: Number.NaN }, '--rate'],
    [{ rate: ['1/s', '2/s'] }, '--rate'],
    [{ rate: '20/s,600/s' }, '--rate'],
    [{ concurrency: '0' }, '--concurrency'],
    [{ concurrency: '1001' }, '--concurrency'],
    [{ concurrency: '1e2' }, '--concurrency'],
    [{ concurrency: '' }, '--concurrency'],
    [{ limit: '-1' }, '--limit'],
    [{ limit: '0' }, '--limit'],
    [{ databaseUrl: '' }, '--database-url'],
    [{ reports: ' ' }, '--reports'],
    [{ encoding: 'latin1' }, '--encoding'],
    [{ lang: 'de' }, '--lang'],
    [{ logLevel: 'loud' }, '--log-level'],
    [{ allowFailures: 'false' }, '--allow-failures'],
    [{ map: 'a=par' }, '--map'],
    [{ map: ['a'] }, '--map'],
    [{ map: ['=par'] }, '--map'],
    [{ map: ['a=name'] }, '--map'],
    [{ map: ['a=par', 'b=par'] }, '--map'],
    [{ map: ['a=par', 'a=userId'] }, '--map'],
    [{ dryrun: true }, '--dryrun'],
  ])('%o', (flags, name) => {
    const problems = problemsWith(flags);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${name}: `)).toBe(true);
  });
});

test('no masking takes the limit in the sentence for an id', () => {
  const [problem = ''] = problemsWith({ maxCalls: '0' });
  expect(maskIdsInText(problem)).toBe('--max-calls: expected a whole number from 1 to 1,000,000,000');
});

test('several wrong ones are named together, none repeated', () => {
  const problems = problemsWith({ rate: 'planted', databaseUrl: 5, logLevel: 'planted' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    '--rate',
    '--log-level',
    '--database-url',
  ]);
  expect(problems.join()).not.toContain('planted');
});
