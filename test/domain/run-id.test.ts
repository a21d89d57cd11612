import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRunId, JOB_NAME, jobNameOfListFile } from '../../src/domain/identity/run-id.ts';

describe('formatRunId', () => {
  test.each([
    [0, '20261123T010203Z-nightly-0000'],
    [0xabc, '20261123T010203Z-nightly-0abc'],
    [0x1ffff, '20261123T010203Z-nightly-ffff'],
  ])('with suffix %i', (suffix, id) => {
    expect(formatRunId(new Date('2026-11-23T01:02:03.999Z'), 'nightly', suffix)).toBe(id);
  });

  test('ids of a job sort by time', () => {
    const early = formatRunId(new Date('2026-09-30T23:59:59Z'), 'a', 0xffff);
    expect(early < formatRunId(new Date('2026-10-01T00:00:00Z'), 'a', 0)).toBe(true);
  });
});

describe('jobNameOfListFile', () => {
  test.each([
    ['legacy-users.csv', 'upload-legacy-users'],
    ['Legacy Users (final).csv', /^upload-legacy-users-final-[0-9a-f]{8}$/],
    ['users.2026.11.csv', 'upload-users-2026-11'],
    ['failed', 'upload-failed'],
    ['회원.csv', 'upload-ce03a765'],
    ['회원목록.csv', /^upload-[0-9a-f]{8}$/],
    ['11월 members.csv', /^upload-11-members-[0-9a-f]{8}$/],
    ['---.csv', 'upload'],
    ['.csv', /^upload-[0-9a-f]{8}$/],
    [`${'a'.repeat(57)}.csv`, `upload-${'a'.repeat(57)}`],
    [`${'a'.repeat(58)}.csv`, /^upload-a{48}-[0-9a-f]{8}$/],
  ])('%s', (fileName, job) => {
    const name = jobNameOfListFile(fileName);
    expect(name).toMatch(typeof job === 'string' ? new RegExp(`^${job}$`) : job);
  });

  test('two Korean names are two jobs; one name is one, however its syllables are composed', () => {
    expect(jobNameOfListFile('회원.csv')).not.toBe(jobNameOfListFile('고객.csv'));
    expect(jobNameOfListFile('회원.csv'.normalize('NFD'))).toBe(
      jobNameOfListFile('회원.csv'.normalize('NFC')),
    );
  });

  test('is a job name, whatever the file is called', () => {
    const fileName = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...Array.from('aZ9 -_.가한ıİß')), maxLength: 120 }),
    );
    fc.assert(
      fc.property(fileName, (name) => {
        expect(JOB_NAME.test(jobNameOfListFile(name))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['a', true],
  ['nightly-legacy-migration', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['Nightly', false],
  ['a_b', false],
  ['../a', false],
  ['a\n', false],
])('JOB_NAME.test(%j) is %s', (text, is) => {
  expect(JOB_NAME.test(text)).toBe(is);
});
