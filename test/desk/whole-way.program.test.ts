import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { readAccessLog } from '../../src/ledger/privacy/access-log-table.ts';
import { listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { createDeskWorld, type DeskWorld } from './desk-world.ts';

vi.setConfig({ testTimeout: 600_000 });

async function accessesOf({ world }: DeskWorld): Promise<readonly string[]> {
  const ledger = await openLedger(world.ledger.address);
  try {
    const rows = await readAccessLog(ledger, { since: null, limit: null });
    return rows.filter(({ reason }) => reason !== null).map(({ what, reason }) => `${what}: ${reason}`);
  } finally {
    await ledger.close();
  }
}

async function planned(desk: DeskWorld, name: string, content: string | Uint8Array): Promise<string> {
  const { id } = await desk.upload({ name, content });
  await desk.until(id, 'planned', 'refused');
  return id;
}

describe.each(ledgerEngines)('the whole way, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('a list is read, started, told, taken, corrected and handed back', async () => {
    await using desk = await createDeskWorld({ engine });
    const { world } = desk;
    // The fourth member can't be called before somebody corrects its PAR.
    const content = `${listOf(3)}${userIdOf(4)},short,member 4\n`;
    const id = await planned(desk, '명단 11월.csv', content);
    const plan = await desk.get(`/uploads/${id}`, { 'accept-language': 'en' });
    expect(world.sandbox.calls()).toHaveLength(0);
    expect(plan.text).toContain('3 to call at truth: 3 never called yet');
    expect(plan.text).toMatch(
      /<th scope="row" data-label="Line">5<\/th>\s*<td data-label="Column">par<\/td>/,
    );
    expect(plan.text).toContain('has 5 characters; expected are exactly 27 characters');
    expect(plan.text).not.toContain(userIdOf(4));
    await desk.press(id, 'start');
    await desk.until(id, 'ended');
    expect(world.sandbox.calls()).toHaveLength(3);
    const result = await desk.get(`/uploads/${id}`, { 'accept-language': 'en' });
    const [runId = ''] = /\d{8}T\d{6}Z-proof-[0-9a-f]{4}/.exec(result.text) ?? [];
    const summary = JSON.parse(await world.readReport(runId, 'summary.json')) as { classes: object };
    expect(summary.classes).toMatchObject({ enrolled: 3, rejected: 1 });
    expect(result.text).toMatch(/Of 4 rows: 3 enrolled, 1 needs? somebody/);
    for (const whole of [userIdOf(1), parOf(1)]) expect(result.text).not.toContain(whole);
    const report = await desk.get(`/uploads/${id}/report`);
    expect(report.text).toBe(await world.readReport(runId, 'report.html'));
    expect(report.headers.get('content-security-policy')).toMatch(
      /^sandbox; default-src 'none'; style-src 'sha256-/,
    );
    expect((await desk.take(id, 'rejected.csv', ' ')).response.status).toBe(400);
    expect((await desk.take(id, '../../../job.yaml', 'curious')).response.status).toBe(404);
    const { response, bytes } = await desk.take(id, 'rejected.csv', 'correct November');
    expect(bytes.equals(await readFile(join(desk.reports, runId, 'rejected.csv')))).toBe(true);
    expect(response.headers.get('content-disposition')).toContain(
      `filename*=UTF-8''${encodeURIComponent('명단 11월.rejected.csv')}`,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const corrected = bytes.toString('utf8').replace('short', parOf(4));
    const back = await planned(desk, 'rejected.csv', corrected);
    const backPage = await desk.get(`/uploads/${back}`, { 'accept-language': 'en' });
    expect(backPage.text).toContain('A list of ours, handed back: it runs as job retry-proof');
    await desk.press(back, 'start');
    await desk.until(back, 'ended');
    expect(world.sandbox.calls()).toHaveLength(4);
    const end = await desk.get(`/uploads/${back}`, { 'accept-language': 'ko' });
    expect(end.text).toContain('lang="ko"');
    expect(end.text).toContain('완료');
    await desk.serving.stop('SIGTERM');
    expect(await accessesOf(desk)).toEqual([`upload desk: rejected.csv of ${runId}: correct November`]);
  });

  run('a stop in the middle of a run: the next start goes on, and nobody is called twice', async () => {
    const job = 'limits: { rate: 8/s, concurrency: 1, timeout: 5s }\nguards: { canary: 0 }';
    await using desk = await createDeskWorld({ engine, job });
    const id = await planned(desk, 'list.csv', listOf(16));
    await desk.press(id, 'start');
    await desk.serving.said('16 to call');
    await desk.restart();
    expect(desk.world.sandbox.calls().length).toBeLessThan(16);
    await desk.until(id, 'ended');
    expect(desk.world.sandbox.calls()).toHaveLength(16);
    const page = await desk.get(`/uploads/${id}`, { 'accept-language': 'en' });
    expect(page.text).toContain('Of 16 rows: 16 enrolled');
  });
});

test('a refused list is told in its own words, in both languages, and passes once a person has looked', async () => {
  await using desk = await createDeskWorld({});
  // A spreadsheet leaves ids of 19 digits like this.
  const rows = Array.from({ length: 20 }, (_, at) => `${1_234_567_890_123 + at}000000,${parOf(at + 1)}`);
  const content = `user_id,par\n${rows.join('\n')}\n`;
  const id = await planned(desk, 'list.csv', content);
  const byHand = await runRefused(desk, content);
  const english = await desk.get(`/uploads/${id}`, { 'accept-language': 'en' });
  const korean = await desk.get(`/uploads/${id}`, { 'accept-language': 'ko' });
  for (const [{ text }, sentence] of [
    [english, byHand.en],
    [korean, byHand.ko],
  ] as const) {
    const facts = [...text.matchAll(/<dd>(?<fact>[^<]+)<\/dd>/g)].map(({ groups }) => groups?.['fact'] ?? '');
    for (const part of facts.slice(0, 3)) expect(inMarkup(sentence)).toContain(part);
    expect(facts[3]).toMatch(/^UTF-8 \((?:plain ASCII\) · comma|영문과 숫자뿐\) · 쉼표 구분)$/);
  }
  expect(byHand.readAs).toBe('list.csv was read as UTF-8 (plain ASCII) · comma.');
  await desk.press(id, 'start');
  expect(desk.world.sandbox.calls()).toHaveLength(0);
  await desk.press(id, 'pass');
  await desk.until(id, 'planned');
  expect((await desk.get(`/uploads/${id}`, { 'accept-language': 'en' })).text).toContain('20 to call');
});

/** Runs the list at a terminal, where it is refused as well. */
async function runRefused(
  { world }: DeskWorld,
  content: string,
): Promise<{ readonly en: string; readonly ko: string; readonly readAs: string }> {
  await world.writeList('list.csv', content);
  const env = { ...world.env, DATABASE_URL: `embedded:${join(world.cwd, 'other')}` };
  const end = await runProgram(['plan', 'job.yaml', '--lang', 'ko'], { cwd: world.cwd, env });
  const [en = '', ko = '', readAs = ''] = end.stderr.replace('kona-enroll: ', '').split('\n');
  expect(end.exitCode).toBe(5);
  return { en, ko, readAs };
}

function inMarkup(text: string): string {
  const escapes = [
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
    ["'", '&#39;'],
  ] as const;
  return escapes.reduce((escaped, [from, to]) => escaped.replaceAll(from, to), text);
}

test('what was withdrawn is not started, and a plan made under other settings is made again first', async () => {
  await using desk = await createDeskWorld({});
  const withdrawn = await planned(desk, 'a.csv', listOf(2));
  await desk.press(withdrawn, 'withdraw');
  expect((await desk.press(withdrawn, 'start')).status).toBe(409);
  const id = await planned(desk, 'b.csv', listOf(2));
  const job = await readFile(join(desk.world.cwd, 'job.yaml'), 'utf8');
  await desk.world.writeList('job.yaml', job.replace('1000/s', '900/s'));
  const why = {
    en: 'The settings of this kind of upload have changed since the list was read: this is what it would do now. Nobody was called.',
    ko: '명단을 읽은 뒤에 이 업로드 종류의 설정이 바뀌었습니다.',
  };
  expect((await desk.get(`/uploads/${id}`, { 'accept-language': 'en' })).text).not.toContain(why.en);
  await desk.press(id, 'start');
  await desk.until(id, 'planned');
  for (const language of ['en', 'ko'] as const) {
    const { text } = await desk.get(`/uploads/${id}`, { 'accept-language': language });
    expect(text).toContain('900/s');
    expect(text).toContain(why[language]);
  }
  expect(desk.world.sandbox.calls()).toHaveLength(0);
  await desk.press(id, 'start');
  await desk.until(id, 'ended');
  expect(desk.world.sandbox.calls()).toHaveLength(2);
  expect((await desk.get(`/uploads/${id}`, { 'accept-language': 'en' })).text).not.toContain(why.en);
});

test('an upload of a kind that is not served here can neither be seen nor started', async () => {
  await using desk = await createDeskWorld({});
  expect((await desk.get('/uploads/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  expect((await desk.get('/uploads/..%2f..%2fetc')).status).toBe(404);
});
