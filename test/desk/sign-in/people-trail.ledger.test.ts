import { expect, test } from 'vitest';
import { PeopleTrail } from '../../../src/desk/sign-in/people-trail.ts';
import { embeddedEngine, openTestLedger } from '../../support/ledgers.ts';
import { createStubClock } from '../../support/stub-clock.ts';

const HOUR_MS = 3_600_000;
const kim = { name: 'kim@corp.example', account: null };

async function setup() {
  const opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  const clock = createStubClock();
  return {
    clock,
    ledger,
    trail: new PeopleTrail({ ledger, clock }),
    told: async () =>
      await ledger.query<{ what: string; entries: number }>(
        'select what, count(*)::integer as entries from audit_entry group by what order by what',
      ),
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
    },
  };
}

test('a person whom the proxy signed in is entered at the first request in twelve hours', async () => {
  await using world = await setup();
  const { trail, clock } = world;
  await Promise.all([trail.came(kim), trail.came(kim)]);
  await clock.advance(12 * HOUR_MS - 1);
  await trail.came(kim);
  expect(await world.told()).toEqual([{ what: 'signed_in', entries: 1 }]);
  await clock.advance(1);
  await trail.came(kim);
  await trail.came({ ...kim, name: 'lee@corp.example' });
  expect(await world.told()).toEqual([{ what: 'signed_in', entries: 3 }]);
});

test('the same refusal is entered once an hour, and nobody fills the trail with others', async () => {
  await using world = await setup();
  const { trail, clock } = world;
  for (const _again of [1, 2]) await trail.refused(kim, 'GET /uploads/new');
  await trail.refused(kim, 'GET /breaks/:what');
  for (let no = 0; no < 30; no += 1) await trail.refusedSignIn(null, `no ${no}`);
  expect(await world.told()).toEqual([
    { what: 'not_allowed', entries: 2 },
    { what: 'sign_in_refused', entries: 20 },
  ]);
  // What nobody's refusals used up is not people's.
  for (let no = 0; no < 70; no += 1) await trail.refused(kim, `GET /${no}`);
  expect(await world.told()).toContainEqual({ what: 'not_allowed', entries: 60 });
  await clock.advance(HOUR_MS);
  await trail.refused(kim, 'GET /uploads/new');
  await trail.refusedSignIn(null, 'no 0');
  expect(await world.told()).toEqual([
    { what: 'not_allowed', entries: 61 },
    { what: 'sign_in_refused', entries: 21 },
  ]);
});

test('an entry that could not be written is written the next time', async () => {
  await using world = await setup();
  const { trail, ledger } = world;
  await ledger.query('alter table audit_entry rename to audit_elsewhere');
  await expect(trail.came(kim)).rejects.toThrow('audit_entry');
  await ledger.query('alter table audit_elsewhere rename to audit_entry');
  await trail.came(kim);
  expect(await world.told()).toEqual([{ what: 'signed_in', entries: 1 }]);
});
