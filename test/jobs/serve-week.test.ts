import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Maintenance } from '../../src/sandbox/faults/fault-plan.ts';
import { emptyFixtures, parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { readLetter } from '../support/letter.ts';
import { listenForCalls, listenForMail } from '../support/notified-places.ts';
import { startProgram } from '../support/program.ts';
import { createMovedClock, startServing, type Serving } from '../support/serving.ts';

vi.setConfig({ testTimeout: 600_000 });

/** Nights begin a quarter past midnight, in the blackout, and may last until half past five. */
const NIGHTLY = [
  // One call at a time and no second try, so that an outage meets the same records each time.
  'limits: { rate: 1000/s, concurrency: 1, timeout: 5s }',
  'retry: { attempts: 1 }',
  'guards: { canary: 0, listSize: off }',
  'windows: { blackout: ["23:30-00:30"], stopAt: "05:30" }',
  'schedule: "15 0 * * *"',
  'notify: { ping: $NIGHTLY_PING, slack: $SLACK, mail: { to: [ops@example.com], from: "Kona <kona@example.com>" } }',
].join('\n');

/** Lists that finance puts into a folder, looked for at nine on working days. */
const UPLOADS = [
  'job: uploads',
  'list: { inbox: inbox }',
  'provider: { baseUrl: $KONA_BASE_URL, encryption: off, name: truth }',
  'report: { language: ko }',
  'schedule: "0 9 * * MON-FRI"',
  'notify: { ping: $UPLOADS_PING, slack: $SLACK }',
  '',
].join('\n');

/** Card 7 needs the customer. */
const customerNeeded = parseFixtures(`cards:\n  - { par: ${parOf(7)}, answer: "007_031" }\n`);

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon'] as const;

/** In Seoul; 1 is Tuesday, 25 November 2036, so that every file is older than the program's time. */
function seoul(day: number, time: string): string {
  return new Date(Date.parse(`2036-11-24T${time}+09:00`) + day * 86_400_000).toISOString();
}

function listOf(...numbers: readonly number[]): string {
  return `user_id,par\n${numbers.map((number) => `${userIdOf(number)},${parOf(number)}\n`).join('')}`;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

async function setup() {
  const clock = createMovedClock(seoul(1, '00:10:00'));
  const place = await listenForCalls();
  const mail = await listenForMail();
  const maintenance: Maintenance[] = [];
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { now: () => clock.now(), fixtures: customerNeeded, faults: { seed: 1, maintenance } },
    job: NIGHTLY,
  });
  const { cwd } = world;
  await world.writeJob('nightly', 'csv: list.csv', 'csv: members.csv');
  await mkdir(join(cwd, 'inbox'), { mode: 0o750 });
  await writeFile(join(cwd, 'uploads.yaml'), UPLOADS);
  const env = {
    ...world.env,
    NIGHTLY_PING: place.url.replace('/hook', '/nightly'),
    UPLOADS_PING: place.url.replace('/hook', '/uploads'),
    SLACK: place.url.replace('/hook', '/slack'),
    KONA_SMTP_URL: mail.url,
  };
  return { clock, place, mail, maintenance, world, cwd, env };
}

type Week = Awaited<ReturnType<typeof setup>>;

/** What differs from one machine and one run of this test to another. */
function withoutChance(text: string, { cwd, place }: Week): string {
  return text
    .replaceAll(cwd, '/srv/kona')
    .replaceAll(hostname(), 'batch-1')
    .replaceAll(new URL(place.url).host, 'hooks.example')
    .replaceAll(/\d{8}T\d{6}Z-([a-z-]+)-[0-9a-f]{4}/g, '<run of $1>')
    .replaceAll(/\d{8}T\d{6}Z/g, '<time>')
    .replaceAll(/pid \d+/g, 'pid <pid>');
}

/** What somebody who watched would have seen, moment by moment. */
class Diary {
  readonly lines: string[] = [];
  private readonly week: Week;
  private heard = 0;
  private read = 0;

  constructor(week: Week) {
    this.week = week;
  }

  /** `terminal`: what serve wrote meanwhile. */
  note(title: string, terminal: string): void {
    const { place, mail } = this.week;
    const calls = place.heard.slice(this.heard);
    const mails = mail.mails.slice(this.read);
    [this.heard, this.read] = [place.heard.length, mail.mails.length];
    const pings = calls.filter(({ path }) => path !== '/slack');
    const texts = calls.filter(({ path }) => path === '/slack');
    this.lines.push(
      `=== ${title}`,
      ...terminal
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `terminal | ${line}`),
      ...pings.map(({ path, body }) => `ping     | POST ${path} ${body}`.trimEnd()),
      ...texts.flatMap(({ body }) => blockOf('slack', (JSON.parse(body) as { text: string }).text)),
      ...mails.flatMap((one) => {
        const { subject, text, attached } = readLetter(one);
        return blockOf('mail', `${subject}\n\n${text}\n\n[${attached.join(', ')}]`);
      }),
      '',
    );
  }

  get text(): string {
    return `${withoutChance(this.lines.join('\n'), this.week)}\n`;
  }
}

function blockOf(place: string, text: string): readonly string[] {
  return text.split('\n').map((line) => `${place.padEnd(8)} | ${line}`.trimEnd());
}

/** `serve` of both jobs in this process, and what it wrote since it was last asked. */
function serveBoth({ world, env, clock }: Week) {
  const serving: Serving = startServing(['nightly.yaml', 'uploads.yaml', '--quiet'], {
    cwd: world.cwd,
    env,
    clock,
  });
  let shown = 0;
  const ends = { nightly: 0, uploads: 0 };
  return {
    ...serving,
    since: (): string => {
      const text = serving.written().slice(shown);
      shown += text.length;
      return text;
    },
    /** Resolves when the job's next start has ended. */
    ended: async (job: keyof typeof ends): Promise<void> => {
      ends[job] += 1;
      await serving.said(`${job}: ended with exit`, ends[job]);
    },
  };
}

test('a week of nights: what the team is told, message by message', async () => {
  const week = await setup();
  const { clock, place, mail, maintenance, world, cwd, env } = week;
  await using _world = world;
  await using _place = place;
  await using _mail = mail;
  const diary = new Diary(week);
  const members = async (...numbers: readonly number[]): Promise<void> => {
    await world.writeList('members.csv', listOf(...numbers));
  };
  const nobody7 = range(1, 40).filter((number) => number !== 7);
  const night = async (serving: ReturnType<typeof serveBoth>, day: number, what: string): Promise<void> => {
    const waits = clock.longSleep();
    clock.moveTo(seoul(day, '00:15:01'));
    await waits;
    clock.moveTo(seoul(day, '00:30:01'));
    await serving.ended('nightly');
    diary.note(`${DAYS[day] ?? ''} 00:15 ${what}`, serving.since());
  };
  const morning = async (serving: ReturnType<typeof serveBoth>, day: number, what: string): Promise<void> => {
    clock.moveTo(seoul(day, '09:00:01'));
    await serving.ended('uploads');
    diary.note(`${DAYS[day] ?? ''} 09:00 ${what}`, serving.since());
  };

  const first = serveBoth(week);
  await first.said('uploads starts next');
  diary.note('Tue 00:10 serve starts', first.since());
  await members(...nobody7);
  await night(first, 1, 'all well; the night begins in the blackout');
  await writeFile(join(cwd, 'inbox', 'december.csv'), listOf(...range(201, 205)));
  await morning(first, 1, 'a list in the inbox, all well');

  await members(...range(1, 40));
  await night(first, 2, 'a customer has to accept the terms');
  await writeFile(join(cwd, 'inbox', 'january.csv'), `user_id,par\n9.99999E+18,${parOf(210)}\n`);
  await morning(first, 2, 'a list whose ids were rounded');

  await members(...range(1, 80));
  maintenance.push({ from: '00:00', to: '05:00' });
  await night(first, 3, 'the provider is down');
  await writeFile(join(cwd, 'inbox', 'january.csv'), listOf(210, 211));
  await morning(first, 3, 'the list again, corrected');
  await first.stop('SIGTERM');
  diary.note('Thu 18:00 serve is stopped, to be installed on another machine', first.since());

  maintenance.length = 0;
  const point = { name: 'answered', count: 10, action: 'SIGKILL' } as const;
  clock.moveTo(seoul(4, '00:40:00'));
  const aheadMs = String(clock.now().getTime() - Date.now());
  const killed = startProgram(['serve', 'nightly.yaml', 'uploads.yaml', '--quiet', '--listen', 'none'], {
    cwd,
    env: { ...env, KONA_TEST_AHEAD_MS: aheadMs },
    point,
  });
  const end = await killed.ended;
  expect(end.signal).toBe('SIGKILL');
  diary.note('Fri 00:40 it is started late there, and the machine is lost', end.stdout + end.stderr);
  clock.moveTo(seoul(4, '00:50:00'));
  const second = serveBoth(week);
  await second.ended('nightly');
  diary.note('Fri 00:50 another goes on', second.since());
  await morning(second, 4, 'nothing lies in the inbox');
  await second.stop('SIGINT');
  diary.note('Fri 18:00 serve is stopped', second.since());

  clock.moveTo(seoul(5, '07:00:00'));
  const told = place.called();
  const third = serveBoth(week);
  await third.said('was missed');
  await told;
  await third.stop('SIGINT');
  diary.note('Sat 07:00 nobody served in the night', third.since());

  clock.moveTo(seoul(6, '00:10:00'));
  const fourth = serveBoth(week);
  await fourth.said('uploads starts next');
  fourth.since();
  world.sandbox.replaceFixtures(emptyFixtures);
  await night(fourth, 6, 'the customer has accepted the terms');
  await members(...range(1, 81));
  await night(fourth, 7, 'all well');
  await fourth.stop('SIGTERM');

  expect(world.sandbox.truth()).toHaveLength(81 + 5 + 2);
  const texts = place.heard.filter(({ path }) => path === '/slack').map(({ body }) => body);
  expect(new Set(texts).size).toBe(texts.length);
  // Each says who must act, or that it is over.
  for (const text of texts)
    expect(text).toMatch(/Who must act: |조치할 담당자: |well again|정상으로 돌아왔습니다/);
  expect(diary.text).not.toMatch(/9{10}/);
  await expect(diary.text).toMatchFileSnapshot('serve-week.golden.txt');
});
