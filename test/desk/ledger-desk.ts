import { createDesk } from '../../src/desk/server/create-desk.ts';
import type { Language } from '../../src/domain/language.ts';
import { startStatusServer, type RequestLimits } from '../../src/service/health/status-server.ts';
import { createStubClock } from '../support/stub-clock.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';

export interface LedgerDesk extends AsyncDisposable {
  readonly address: string;
  get(path: string, language?: Language): Promise<{ readonly status: number; readonly text: string }>;
  /** Sends a form of the desk, with the token of the page at `from`. */
  post(
    from: string,
    to: string,
    fields: Readonly<Record<string, string>>,
    language?: Language,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
}

/**
 * Opens a desk on loopback, over a ledger that the test has planted. People may upload for the job `nightly`, and see
 * the runs of `weekly` too.
 */
export async function openLedgerDesk(
  ledger: Ledger,
  folder: string,
  limits?: RequestLimits,
): Promise<LedgerDesk> {
  const desk = await createDesk({
    ledger,
    clock: createStubClock(),
    me: { user: 'tester', host: 'here', pid: 1 },
    signIn: null,
    jobs: ['nightly', 'weekly'].map((name) => ({
      name,
      provider: 'provider-a',
      timeZone: 'Asia/Seoul',
      language: 'en',
      takesUploads: name === 'nightly',
      reportsDirectory: `${folder}/runs`,
    })),
    configure: () => Promise.reject(new Error('nobody uploads here')),
    reader: null,
    figuresOf: () => Promise.resolve(null),
    asked: () => undefined,
    tell: (sentence) => {
      throw new Error(sentence);
    },
  });
  const pages = {
    health: () => ({ ok: true, lastBeat: null, problem: null }),
    metrics: () => Promise.reject(new Error('nobody asks for them here')),
    others: desk.listener,
  };
  const server = await startStatusServer({ kind: 'tcp', host: '127.0.0.1', port: 0 }, pages, limits);
  const address = server.url;
  const cookies = new Map<string, string>();
  const request = async (path: string, init: RequestInit, language: Language): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address + path, {
      ...init,
      redirect: 'manual',
      headers: { cookie, 'accept-language': language, 'sec-fetch-site': 'same-origin' },
    });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=', 2);
      cookies.set(name, value);
    }
    return response;
  };
  const get: LedgerDesk['get'] = async (path, language = 'en') => {
    const response = await request(path, {}, language);
    return { status: response.status, text: await response.text() };
  };
  return {
    address,
    get,
    post: async (from, to, fields, language = 'en') => {
      const { text: form } = await get(from, language);
      const token = /name="token" value="(?<token>[^"]+)"/.exec(form)?.groups?.['token'] ?? '';
      const body = new URLSearchParams({ token, ...fields });
      const response = await request(to, { method: 'POST', body }, language);
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await desk.close();
    },
  };
}
