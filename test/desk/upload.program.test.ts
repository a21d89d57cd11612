import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ledgerEngines } from '../support/ledgers.ts';
import { createDeskWorld } from './desk-world.ts';

vi.setConfig({ testTimeout: 300_000 });

describe.each(ledgerEngines)('an upload, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('lies whole where nobody else can read it, and is told as the person named it', async () => {
    await using desk = await createDeskWorld({ engine });
    const list = 'userId,PAR\r\n';
    const page = await desk.upload({ name: '명단 11월.csv', content: list });
    expect(page.status).toBe(200);
    expect(page.text).toContain('명단 11월.csv');
    const folder = join(desk.reports, 'uploads', page.id);
    expect(await readFile(join(folder, '명단 11월.csv'), 'utf8')).toBe(list);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, '명단 11월.csv'))).mode & 0o777).toBe(0o600);
    expect((await desk.get('/')).text).toContain(`/uploads/${page.id}`);
  });
});

/** Returns the status of a request with this host header, which `fetch` would set by itself. */
async function statusUnder(host: string, address: string): Promise<number | undefined> {
  const [response] = (await once(request(address, { headers: { host } }).end(), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  return response.statusCode;
}

test('a form that is not of a page of ours changes nothing', async () => {
  await using desk = await createDeskWorld({});
  const file = { name: 'list.csv', content: 'a,b\n' };
  const foreign = await desk.send(file, { 'sec-fetch-site': 'cross-site' });
  const forged = await desk.send(file, {}, 'forged');
  const rebound = await statusUnder('evil.example', desk.address);
  expect([foreign.status, forged.status, rebound]).toEqual([403, 403, 421]);
  expect(await readdir(join(desk.reports, 'uploads')).catch(() => [])).toEqual([]);
});

test('a desk that others could reach is refused, with what to do', async () => {
  await using desk = await createDeskWorld({});
  const end = await desk.serveAt('0.0.0.0:0');
  expect(end.exitCode).toBe(2);
  expect(end.stderr).toContain('the desk has no sign-in, so it answers this machine alone');
  expect(end.stderr).toContain('listen on 127.0.0.1, set up a sign-in');
});
