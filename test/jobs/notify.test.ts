import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { noticeSchema, type Notice } from '../../src/service/notify/notice.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { listenForCalls, listenForMail, type ListeningPlace } from '../support/notified-places.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

const NIGHT_MS = 86_400_000;
const GUARDED = 'guards: { canary: 5, listSize: off }';

interface Night {
  /** Days after the first. */
  readonly day: number;
  readonly records: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
}

interface ToldWorld extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly place: ListeningPlace;
  /** One start of the job; resolves with how it ended and what the webhook was told of it. */
  start(night: Night): Promise<{ readonly end: ProgramEnd; readonly told: readonly Notice[] }>;
  run(day: number, ...argv: string[]): Promise<ProgramEnd>;
}

/** Members whose number ends in 1 have to accept terms first; the provider refuses the values of those above 900. */
const answers = parseFixtures(
  [
    'cards:',
    ...[1, 11, 21, 31].map((number) => `  - { par: ${parOf(number)}, answer: "007_031" }`),
    ...Array.from({ length: 60 }, (_, at) => `  - { par: ${parOf(901 + at)}, answer: "001_003" }`),
    `  - { par: ${parOf(500)}, answer: "999_999" }`,
    '',
  ].join('\n'),
);

async function createTold(notify: string, engine: LedgerEngine = embeddedEngine): Promise<ToldWorld> {
  const place = await listenForCalls();
  let day = 0;
  const world = await createWorld({
    engine,
    sandbox: { fixtures: answers, now: () => new Date(Date.now() + day * NIGHT_MS) },
    job: `limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\n${GUARDED}\nretry: { attempts: 1, nights: 3 }\n${notify}`,
  });
  const env = { ...world.env, HOOK: place.url };
  const run: ToldWorld['run'] = async (onDay, ...argv) => {
    day = onDay;
    return await runProgram(argv, { cwd: world.cwd, env, aheadMs: onDay * NIGHT_MS });
  };
  return {
    world,
    place,
    run,
    start: async (night) => {
      ({ day } = night);
      await world.writeList('list.csv', listOfNumbers(night.records));
      const before = place.heard.length;
      const end = await runProgram(['run', 'job.yaml', '--json'], {
        cwd: world.cwd,
        env: { ...env, ...night.env },
        aheadMs: night.day * NIGHT_MS,
      });
      const notices = place.heard.slice(before).filter(({ body }) => body.startsWith('{"schemaVersion"'));
      return { end, told: notices.map(({ body }) => noticeSchema.parse(JSON.parse(body))) };
    },
    [Symbol.asyncDispose]: async () => {
      await place[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function listOfNumbers(numbers: readonly number[]): string {
  return `user_id,par\n${numbers.map((number) => `${userIdOf(number)},${parOf(number)}\n`).join('')}`;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

const good = range(100, 129);

/** A server, where there is one: fifteen starts are slow on the embedded ledger. */
const quickest = ledgerEngines.findLast(({ missing }) => !missing) ?? embeddedEngine;

describe('a fortnight, message by message', () => {
  test('tells what is new, not what people know', async () => {
    await using told = await createTold('notify: { webhook: $HOOK }', quickest);
    const course: string[] = [];
    const nights: readonly (readonly [string, Night])[] = [
      ['all well', { day: 0, records: good }],
      ['one customer has to accept terms', { day: 1, records: [...good, 1] }],
      ['the same', { day: 2, records: [...good, 1] }],
      [
        'the provider refuses our key',
        { day: 3, records: [...good, 1, 130], env: { KONA_SECRET_KEY: 'x'.repeat(32) } },
      ],
      ['and again', { day: 4, records: [...good, 1, 131], env: { KONA_SECRET_KEY: 'x'.repeat(32) } }],
      ['the canary stops another list', { day: 5, records: range(901, 920) }],
      ['and the next one', { day: 6, records: range(921, 940) }],
      ['well again', { day: 7, records: good }],
      ['still well', { day: 8, records: good }],
      ['an empty list', { day: 9, records: [] }],
      ['and another', { day: 10, records: [] }],
      ['an unknown code', { day: 11, records: [...good, 500] }],
      ['the same code', { day: 12, records: [...good, 500] }],
      ['well again', { day: 13, records: good }],
    ];
    for (const [what, night] of nights) {
      const { end, told: messages } = await told.start(night);
      const words = messages.map(
        ({ exitCause, because, isWell }) =>
          `${exitCause}${isWell ? ' (well)' : ''} told because ${because.join(', ')}`,
      );
      course.push(
        `${night.day} ${what}: exit ${end.exitCode}, ${words.length === 0 ? 'nothing told' : words.join(' / ')}`,
      );
    }
    expect(course).toMatchInlineSnapshot(`
      [
        "0 all well: exit 0, nothing told",
        "1 one customer has to accept terms: exit 3, not_enrolled told because trouble",
        "2 the same: exit 3, nothing told",
        "3 the provider refuses our key: exit 7, credentials told because other_cause",
        "4 and again: exit 7, nothing told",
        "5 the canary stops another list: exit 6, canary told because other_cause",
        "6 and the next one: exit 6, nothing told",
        "7 well again: exit 0, nothing_due (well) told because well_again",
        "8 still well: exit 0, nothing told",
        "9 an empty list: exit 0, empty_list told because trouble",
        "10 and another: exit 0, nothing told",
        "11 an unknown code: exit 4, unclear told because other_cause, new_code",
        "12 the same code: exit 4, nothing told",
        "13 well again: exit 0, nothing_due (well) told because well_again",
      ]
    `);
  });
});

test('records whose nights are used up are told once, and after a week once more', async () => {
  await using told = await createTold('notify: { webhook: $HOOK }');
  const reasons: (readonly string[])[] = [];
  for (const day of [0, 1, 2, 3, 4, 9, 10]) {
    const { told: messages } = await told.start({ day, records: [1, 100] });
    reasons.push(messages.flatMap(({ because }) => because));
  }
  // Three nights (retry.nights); the seventh day after the last message is the ninth.
  expect(reasons).toEqual([['trouble'], [], ['nights_used_up'], [], [], ['still_not_well'], []]);
});

test('what a person has settled does not count', async () => {
  await using told = await createTold('notify: { webhook: $HOOK }');
  const first = await told.start({ day: 0, records: [...good, 901] });
  expect(first.told).toMatchObject([
    {
      because: ['trouble'],
      exitCause: 'not_enrolled',
      urgency: 'today',
      failures: { bad_data: 1 },
      mustAct: [{ actor: 'list_owner', becauseOfEnd: false, rows: 1 }],
      runs: [{ exitCode: 3, list: 'list.csv', rowsRead: 31, calls: 31 }],
    },
  ]);
  const resolved = await told.run(1, 'resolve', userIdOf(901), '--note', 'left the club');
  expect(resolved.exitCode).toBe(0);
  const second = await told.start({ day: 1, records: [...good, 901] });
  expect(second.end.exitCode).toBe(0);
  expect(second.told).toMatchObject([{ because: ['well_again'], isWell: true, failures: {}, mustAct: [] }]);
});

test('a list that is refused is told before any run began, once for the same', async () => {
  await using told = await createTold('notify: { webhook: $HOOK }');
  await told.start({ day: 0, records: good });
  const heard: unknown[] = [];
  for (const day of [1, 2]) {
    const before = told.place.heard.length;
    await told.world.writeList('list.csv', 'name,city\nKim,Seoul\n');
    const end = await told.run(day, 'run', 'job.yaml');
    expect(end.exitCode).toBe(5);
    heard.push(told.place.heard.slice(before).map(({ body }) => JSON.parse(body) as unknown));
  }
  expect(heard).toMatchObject([
    [
      {
        because: ['trouble'],
        exitCode: 5,
        exitCause: 'list_refused',
        mustAct: [{ actor: 'list_owner' }],
        runs: [],
      },
    ],
    [],
  ]);
});

test('each place is told in its own form, and none of them a whole id', async () => {
  await using mail = await listenForMail();
  await using told = await createTold(
    'notify: { ping: $HOOK, slack: $HOOK, mail: { to: [finance@example.com, ops@example.com], from: "Kona <kona@example.com>" } }',
  );
  const { end } = await told.start({ day: 0, records: [100, 901], env: { KONA_SMTP_URL: mail.url } });
  expect(end.exitCode).toBe(3);
  const [began, ...after] = told.place.heard;
  expect(began).toMatchObject({ path: '/hook/start' });
  const ended = after.find(({ body }) => body === 'exit 3 (not_enrolled)');
  expect(ended?.path).toBe('/hook');
  const slack = after.find(({ type }) => type?.startsWith('application/json') === true);
  const { text } = JSON.parse(slack?.body ?? '{}') as { text: string };
  expect(text.split('\n')[0]).toBe('*kona-enroll: proof: somebody must look today (exit 3, not_enrolled)*');
  expect(text).toContain('Complete, but not everybody is enrolled. Of 2 rows: 1 enrolled, 1 needs somebody.');
  expect(text).toContain('Who must act: list owner (1 row).');
  expect(mail.recipients).toEqual([['finance@example.com', 'ops@example.com']]);
  const [letter = ''] = mail.mails;
  expect(letter).toContain('Subject: kona-enroll: proof: somebody must look today (exit 3,');
  expect(letter).toMatch(/filename="?20\d{6}T\d{6}Z-proof-[0-9a-f]{4}\.html/);
  for (const told1 of [text, letter, JSON.stringify(told.place.heard)])
    expect(told1).not.toContain(userIdOf(901));
});

test('a start that does not do its work ends the watch with its cause', async () => {
  await using told = await createTold('notify: { ping: $HOOK }');
  await told
    .start({ day: 0, records: [100], env: { KONA_SECRET_KEY: 'x'.repeat(32) } })
    .catch(() => undefined);
  expect(told.place.heard.map(({ path, body }) => [path, body])).toEqual([
    ['/hook/start', ''],
    ['/hook/fail', 'exit 7 (credentials)'],
  ]);
});

test('what can not be told changes nothing, is said without the URL, and is told at the next start', async () => {
  await using told = await createTold('notify: { webhook: $HOOK }');
  told.place.status = 500;
  const first = await told.start({ day: 0, records: [...good, 901] });
  expect(first.end.exitCode).toBe(3);
  expect(first.end.stderr).toContain(
    'notify.webhook could not be notified: the answer was HTTP 500; the run itself is not affected',
  );
  expect(first.end.stderr).not.toContain('/hook');
  told.place.status = 200;
  const second = await told.start({ day: 1, records: [...good, 901] });
  expect(second.told).toMatchObject([{ because: ['trouble'] }]);
});

test('a ledger that is gone is told too', async () => {
  await using told = await createTold('notify: { webhook: $HOOK }');
  const { end, told: messages } = await told.start({
    day: 0,
    records: good,
    env: { DATABASE_URL: 'postgres://kona:secret-word@127.0.0.1:1/none' },
  });
  expect(end.exitCode).toBe(8);
  expect(messages).toMatchObject([{ exitCause: 'ledger_gone', urgency: 'wake', because: ['trouble'] }]);
  expect(JSON.stringify(messages)).not.toContain('secret-word');
});

test.each([
  [
    'notify.mail without a mail server',
    'notify: { mail: { to: [a@example.com], from: b@example.com } }',
    {},
    'KONA_SMTP_URL is not set',
  ],
  [
    'a URL that is none',
    'notify: { slack: $HOOK }',
    { HOOK: 'hooks.example/secret' },
    'expected an http:// or https:// URL',
  ],
])('%s is refused before anything is done', async (_what, notify, env, words) => {
  await using told = await createTold(notify);
  const { end } = await told.start({ day: 0, records: good, env });
  expect(end.exitCode).toBe(2);
  expect(end.stderr).toContain(words);
  expect(end.stderr).not.toContain('hooks.example');
});
