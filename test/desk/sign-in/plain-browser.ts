import { Readable } from 'node:stream';
import { request, type IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The Set-Cookie headers as they came. */
  readonly setCookies: readonly string[];
}

export interface Place {
  /** An address such as `http://127.0.0.1:port` or `unix:/path`. */
  readonly listensAt: string;
  /** The origin by which browsers know the server. */
  readonly origin: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: SentBody;
}

/** A text, bytes, or pieces that are made one after the other. */
export type SentBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A browser without scripts: it keeps cookies for each origin, and finds origins where the test says they are. */
export class PlainBrowser {
  private readonly places: readonly Place[];
  private readonly jars = new Map<string, Map<string, string>>();

  constructor(places: readonly Place[]) {
    this.places = places;
  }

  cookiesOf(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }

  /** Sends one request and follows no redirect. */
  async ask(address: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
    const url = new URL(address);
    const place = this.places.find(({ origin }) => origin === url.origin);
    if (place === undefined) throw new Error(`a request to elsewhere: ${address}`);
    const cookies = [...this.cookiesOf(url.origin)].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { host: url.host, ...(cookies === '' ? {} : { cookie: cookies }), ...headers };
    const answer = await send(place, { method, path: url.pathname + url.search, headers: sent, body });
    for (const cookie of answer.setCookies) this.keep(url.origin, cookie);
    return answer;
  }

  /** Follows redirects and returns the last answer; `address` is where it came from. */
  async open(address: string): Promise<Answer & { readonly address: string }> {
    const answer = await this.ask(address);
    const to = answer.headers.location;
    return to === undefined ? { ...answer, address } : await this.open(new URL(to, address).href);
  }

  /** Sends a form with the token of the page at `from`. */
  async submit(from: string, to: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { text } = await this.open(from);
    const token = /name="token" value="(?<token>[^"]+)"/.exec(text)?.groups?.['token'] ?? '';
    return await this.ask(new URL(to, from).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ ...fields, token }).toString(),
    });
  }

  private keep(origin: string, cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const isOver = attributes.some((attribute) => /^max-age=0$|^expires=.* 1970 /i.test(attribute));
    if (isOver) this.cookiesOf(origin).delete(name);
    else this.cookiesOf(origin).set(name, value);
  }
}

async function send(
  { listensAt }: Place,
  sent: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: SentBody | undefined;
  },
): Promise<Answer> {
  const { body, ...rest } = sent;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const where = listensAt.startsWith('unix:')
    ? { socketPath: listensAt.slice('unix:'.length) }
    : { host: new URL(listensAt).hostname, port: new URL(listensAt).port };
  const out = request({ ...where, ...rest, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
        setCookies: response.headers['set-cookie'] ?? [],
      });
    });
  });
  out.on('error', reject);
  if (typeof body === 'object' && !(body instanceof Uint8Array)) Readable.from(body).pipe(out);
  else out.end(body);
  return await promise;
}
