import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrequentMemberWatch } from '../../../src/intake/rows/frequent-members.ts';

test('every member with more than a tenth of the rows is found, wherever the rows stand', () => {
  const member = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 500 }));
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 400 }), (members) => {
      const watch = new FrequentMemberWatch();
      const rows = new Map<string, number>();
      for (const userId of members.map(String)) {
        watch.look(userId);
        rows.set(userId, (rows.get(userId) ?? 0) + 1);
      }
      const { userIds } = watch.finish();
      const frequent = [...rows].flatMap(([userId, count]) => (count * 10 > members.length ? [userId] : []));
      expect(userIds).toEqual(expect.arrayContaining(frequent));
      expect(userIds.length).toBeLessThanOrEqual(10);
      expect(new Set(userIds).size).toBe(userIds.length);
    }),
    { numRuns: 500 },
  );
});

test('a member with few rows in a long list is not counted', () => {
  const watch = new FrequentMemberWatch();
  for (let row = 0; row < 2_000; row += 1) watch.look(row % 4 === 0 ? '7' : String(1_000 + row));
  expect(watch.finish().userIds).toEqual(['7']);
});
