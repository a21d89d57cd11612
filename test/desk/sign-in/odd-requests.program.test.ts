import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { NamedBrowser, PROXY_SECRET } from './named-browser.ts';
import { createSignedInWorld, ORIGIN, type SignedInWorld } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

const HOST = new URL(ORIGIN).host;

async function startDesk(): Promise<SignedInWorld> {
  return await createSignedInWorld({ env: { KONA_DESK_PROXY_SECRET: PROXY_SECRET } });
}

/** Sends these lines as they are, with a connection that closes after the answer, and returns what comes back. */
async function sendLines(desk: SignedInWorld, lines: readonly string[], body = ''): Promise<string> {
  const { hostname, port } = new URL(desk.place.listensAt);
  const socket = connect(Number(port), hostname);
  socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  return await text(socket);
}

const kim = [`X-Auth-Request-Email: kim@corp.example`, `X-Kona-Desk-Secret: ${PROXY_SECRET}`];

test('each refusal is a page with the headers of a page, and tells nothing of the program', async () => {
  await using desk = await startDesk();
  const asked = async (line: string, host = HOST, more: readonly string[] = kim): Promise<string> =>
    await sendLines(desk, [`${line} HTTP/1.1`, `Host: ${host}`, 'Accept-Language: en', ...more]);
  const answers = [
    // An address that can't be decoded, a foreign host, other methods, and forms without a sender.
    [404, await asked('GET /%')],
    [404, await asked('GET /runs/%ff')],
    [401, await asked('GET /%zz', HOST, [])],
    [421, await asked('GET /%', 'evil.example')],
    [421, await asked('GET /', 'evil.example')],
    [421, await asked('GET /', `${HOST}\r\nHost: evil.example`)],
    [403, await asked('PUT /uploads')],
    [403, await asked('TRACE /')],
    [403, await asked('OPTIONS /')],
    [403, await asked('POST /uploads')],
    [404, await asked('GET /uploads', HOST, [...kim, 'X-HTTP-Method-Override: POST'])],
  ] as const;
  for (const [status, answer] of answers) {
    const [head = '', page = ''] = answer.split('\r\n\r\n', 2);
    expect(head.split(' ')[1]).toBe(String(status));
    expect(head).toMatch(/^content-security-policy: default-src 'none'/im);
    expect(head).toMatch(/^x-frame-options: DENY/im);
    expect(head).toMatch(/^x-content-type-options: nosniff/im);
    expect(head).toMatch(/^cache-control: no-store/im);
    expect(head).toMatch(/^content-type: text\/html/im);
    expect(page).toContain('<h1>That was not done</h1>');
    expect(page).not.toMatch(/FST_|Cannot read|null|undefined/);
  }
});

test('nobody gets two requests out of one, nor a second identity out of twice the headers', async () => {
  await using desk = await startDesk();
  const first = ['POST /language HTTP/1.1', `Host: ${HOST}`, ...kim];
  for (const framing of [
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding : chunked'],
    ['Content-Length: +5'],
  ]) {
    const answer = await sendLines(desk, [...first, ...framing], '0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n');
    expect([framing, answer.split(' ')[1], answer.match(/HTTP\/1\.1/g)?.length]).toEqual([framing, '400', 1]);
  }
  const get = ['GET / HTTP/1.1', `Host: ${HOST}`];
  for (const [status, ...lines] of [
    ['200', ...kim],
    // A name with underscores is another header; the desk does not know it.
    ['401', kim[1] ?? '', 'X_Auth_Request_Email: kim@corp.example'],
    ['401', ...kim, 'X-Auth-Request-Email: lee@corp.example'],
    ['401', ...kim, `X-Kona-Desk-Secret: ${PROXY_SECRET}`],
    ['401', ...kim, 'X-Auth-Request-Groups: All', 'X-Auth-Request-Groups: Heads'],
    ['401', kim[0] ?? '', 'X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Email: kim@corp.example'],
    ['401', kim[1] ?? '', 'X-Auth-Request-Email: ann@corp.example,kim@corp.example'],
  ]) {
    const answer = await sendLines(desk, [...get, ...lines]);
    expect([lines, answer.split(' ')[1]]).toEqual([lines, status]);
  }
});

test('a form that is not ours in its parts is refused as the sender’s fault, and nothing of it is kept', async () => {
  await using desk = await startDesk();
  const browser = new NamedBrowser(desk.place, 'kim@corp.example');
  const token = await browser.token();
  const field = (name: string, value: string): string =>
    `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = (name: string, header = `; filename="${name}"`): string =>
    `--B\r\nContent-Disposition: form-data; name="file"${header}\r\nContent-Type: text/csv\r\n\r\nuser_id,par\r\n`;
  const [own, kind, end] = [field('token', token), field('kind', 'proof'), '--B--\r\n'];
  const send = async (body: string, type = 'multipart/form-data; boundary=B'): Promise<number> => {
    const answer = await browser.ask(`${ORIGIN}/uploads`, {
      method: 'POST',
      headers: { 'content-type': type, 'sec-fetch-site': 'same-origin' },
      body,
    });
    return answer.status;
  };
  const refused: readonly (readonly [string, number, string, string?])[] = [
    ['two files', 400, own + kind + file('a.csv') + file('b.csv') + end],
    ['a field after the file', 400, own + kind + file('a.csv') + field('kind', 'other') + end],
    ['two tokens', 400, field('token', 'x') + own + kind + file('a.csv') + end],
    ['two kinds', 400, own + field('kind', 'other') + kind + file('a.csv') + end],
    ['no file', 400, own + kind + end],
    ['a file without a name', 400, own + kind + file('', '; filename=""') + end],
    ['no name of a file', 400, own + kind + file('', '') + end],
    ['the file first', 403, file('a.csv') + own + kind + end],
    ['no end', 400, own + kind + file('a.csv')],
    ['nothing', 400, ''],
    ['another boundary', 400, own + kind + file('a.csv') + end, 'multipart/form-data; boundary=C'],
    ['no boundary', 400, own + kind + file('a.csv') + end, 'multipart/form-data'],
    [
      'a long boundary',
      400,
      own + kind + file('a.csv') + end,
      `multipart/form-data; boundary=${'B'.repeat(300)}`,
    ],
    ['a kind of the prototype', 400, own + field('kind', 'constructor') + file('a.csv') + end],
  ];
  for (const [what, status, body, type] of refused)
    expect([what, await send(body, type)]).toEqual([what, status]);
  const many = Array.from({ length: 30 }, (_, no) => field(`x${no}`, 'y')).join('');
  expect(await send(own + kind + many + file('a.csv') + end)).toBe(400);
  const several = await browser.ask(`${ORIGIN}/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=B', 'sec-fetch-site': 'same-origin' },
    body: own + kind + file('a.csv') + file('b.csv') + end,
  });
  expect(several.text).toContain('Several files came at once');
  const uploads = join(desk.world.cwd, 'runs', 'uploads');
  expect(readdirSync(uploads, { recursive: true })).toEqual([]);
  expect(await send(own + kind + file('a.csv') + end)).toBe(303);
  expect(desk.serving.written()).not.toContain('the desk failed');
});
