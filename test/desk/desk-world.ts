import { join } from 'node:path';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { startServing, type Serving } from '../support/serving.ts';

export interface SentFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

export interface ShownPage {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

type SentHeaders = Readonly<Record<string, string>>;

/** `serve` with a desk, and a browser without scripts before it. */
export interface DeskWorld extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly serving: Serving;
  readonly address: string;
  /** The report folder. */
  readonly reports: string;
  get(path: string, headers?: SentHeaders): Promise<ShownPage>;
  /** Sends a form of the page at `from`, as a browser does. */
  post(from: string, to: string, fields: SentHeaders): Promise<ShownPage>;
  /** Sends a file, and shows whatever the answer leads to. */
  send(file: SentFile, headers?: SentHeaders, token?: string): Promise<ShownPage>;
  /** As `send`, for a file that is taken. */
  upload(file: SentFile): Promise<ShownPage & { readonly id: string }>;
  /** `serve` at another address, to its end. */
  serveAt(listen: string): Promise<ProgramEnd>;
  /** Ends `serve` and starts it again. */
  restart(): Promise<void>;
}

export interface DeskWorldOptions {
  readonly engine?: LedgerEngine;
  /** YAML lines beside job, list, provider and desk. */
  readonly job?: string;
}

const JOB = 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }';

export async function createDeskWorld({
  engine = embeddedEngine,
  job = JOB,
}: DeskWorldOptions): Promise<DeskWorld> {
  const world = await createWorld({ engine, job: `desk: { upload: true }\n${job}` });
  if (engine.name !== embeddedEngine.name) await runProgram(['migrate'], world);
  const started = { ...(await startDesk(world)) };
  let cookies = '';
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', cookies);
    const response = await fetch(started.address + path, { ...init, headers, redirect: 'manual' });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
    cookies = [
      ...cookies.split('; ').filter((old) => !set.some((one) => one.split('=')[0] === old.split('=')[0])),
      ...set,
    ]
      .filter((cookie) => cookie !== '')
      .join('; ');
    return response;
  };
  const show = async (response: Response): Promise<ShownPage> => {
    const to = response.headers.get('location');
    if (response.status !== 303 || to === null)
      return { status: response.status, text: await response.text(), headers: response.headers };
    await response.arrayBuffer();
    return await show(await request(to));
  };
  const tokenOf = async (path: string): Promise<string> => {
    const { text } = await show(await request(path));
    return /name="token" value="(?<token>[^"]+)"/.exec(text)?.groups?.['token'] ?? '';
  };
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };
  const sendForm = async (
    { name, content }: SentFile,
    headers: SentHeaders = {},
    token?: string,
  ): Promise<Response> => {
    const form = new FormData();
    form.set('token', token ?? (await tokenOf('/uploads/new')));
    form.set('kind', 'proof');
    form.set('file', new File([typeof content === 'string' ? content : new Uint8Array(content)], name));
    return await request('/uploads', { method: 'POST', body: form, headers: { ...sameOrigin, ...headers } });
  };
  return {
    world,
    get serving() {
      return started.serving;
    },
    get address() {
      return started.address;
    },
    reports: join(world.cwd, 'runs'),
    get: async (path, headers = {}) => await show(await request(path, { headers })),
    post: async (from, to, fields) => {
      const body = new URLSearchParams({ ...fields, token: await tokenOf(from) });
      return await show(await request(to, { method: 'POST', body, headers: sameOrigin }));
    },
    send: async (file, headers, token) => await show(await sendForm(file, headers, token)),
    upload: async (file) => {
      const response = await sendForm(file);
      const id = /^\/uploads\/(?<id>.+)$/.exec(response.headers.get('location') ?? '')?.groups?.['id'];
      if (id === undefined) throw new Error(`not taken: ${response.status} ${await response.text()}`);
      return { id, ...(await show(response)) };
    },
    serveAt: async (listen) => await runProgram(['serve', 'job.yaml', '--listen', listen], world),
    restart: async () => {
      await started.serving.stop('SIGTERM');
      Object.assign(started, await startDesk(world));
    },
    [Symbol.asyncDispose]: async () => {
      await started.serving.stop('SIGTERM');
      await world[Symbol.asyncDispose]();
    },
  };
}

async function startDesk(world: EnrolmentWorld): Promise<{ serving: Serving; address: string }> {
  const serving = startServing(['job.yaml', '--listen', '127.0.0.1:0'], world);
  const found = await serving.shown(/desk: open (?<address>http:\/\/\S+)\/ in a browser/);
  await serving.said('Ctrl-C or SIGTERM ends it');
  return { serving, address: found?.groups?.['address'] ?? '' };
}
