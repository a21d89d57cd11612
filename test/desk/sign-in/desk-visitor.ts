import { request } from 'node:http';
import { PlainBrowser, type Answer, type Place, type Sent, type SentBody } from './plain-browser.ts';
import { ORIGIN } from './signed-in-world.ts';

/** A browser that uses the desk, with these headers in each of its requests there. */
export class DeskVisitor extends PlainBrowser {
  private readonly place: Place;
  private readonly named: Readonly<Record<string, string>>;

  constructor(
    place: Place,
    others: readonly Place[] = [],
    named: Readonly<Record<string, string>> = { 'accept-language': 'en' },
  ) {
    super([place, ...others]);
    this.place = place;
    this.named = named;
  }

  override async ask(address: string, sent: Sent = {}): Promise<Answer> {
    if (!address.startsWith(ORIGIN)) return await super.ask(address, sent);
    return await super.ask(address, { ...sent, headers: { ...this.named, ...sent.headers } });
  }

  async page(path: string): Promise<Answer> {
    return await this.ask(`${ORIGIN}${path}`);
  }

  async token(): Promise<string> {
    const { text } = await this.page('/uploads/new');
    return /name="token" value="(?<token>[^"]+)"/.exec(text)?.groups?.['token'] ?? '';
  }

  /** Sends a form byte for byte as it is written here. */
  async sendRaw(
    filename: string,
    { type = 'text/csv', content, token }: { type?: string; content: SentBody; token: string },
  ): Promise<Answer> {
    const edge = 'edge-of-the-form';
    const field = (name: string, value: string): string =>
      `--${edge}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const file = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`;
    return await this.ask(`${ORIGIN}/uploads`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${edge}`, 'sec-fetch-site': 'same-origin' },
      body: inPieces(field('token', token) + field('kind', 'proof') + file, content, `\r\n--${edge}--\r\n`),
    });
  }

  /** Uploads a list and waits until it was read; returns the path of its page. */
  async upload(filename: string, content: SentBody): Promise<string> {
    const { status, headers } = await this.sendRaw(filename, { content, token: await this.token() });
    if (status !== 303) throw new Error(`not taken: ${status}`);
    const path = headers.location ?? '';
    await this.until(path, 'planned', 'refused');
    return path;
  }

  /** Sends a form of a page to this address: the form's hidden fields, and these fields. */
  async press(path: string, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { text } = await this.page(path);
    const form = text.split('<form').find((part) => part.includes(`action="${path}/${action}"`)) ?? text;
    const hidden = Object.fromEntries(
      Array.from(
        form.matchAll(/<input\s+type="hidden"\s+name="(\w+)"\s+value="([^"]*)"/g),
        ([, name, value]) => [name ?? '', value ?? ''],
      ),
    );
    return await this.ask(`${ORIGIN}${path}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ ...hidden, ...fields }).toString(),
    });
  }

  /** Follows an upload, as its page does, until it is in one of these states. */
  async until(path: string, ...states: readonly string[]): Promise<void> {
    const { listensAt } = this.place;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const url = new URL(listensAt);
    const cookie = [...this.cookiesOf(ORIGIN)].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...this.named, cookie, host: new URL(ORIGIN).host };
    const out = request({
      host: url.hostname,
      port: url.port,
      path: `${path}/events`,
      headers,
      agent: false,
    });
    out.on('error', reject);
    out.on('response', (response) => {
      response.on('data', (chunk: Buffer) => {
        const state = /"state":"(?<state>\w+)"/.exec(chunk.toString())?.groups?.['state'] ?? '';
        if (states.includes(state)) resolve();
      });
      response.on('end', () => {
        reject(new Error(`the events of ${path} ended before ${states.join(' or ')}`));
      });
    });
    out.end();
    try {
      await promise;
    } finally {
      out.destroy();
    }
  }
}

async function* inPieces(head: string, content: SentBody, tail: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head);
  if (typeof content === 'string' || content instanceof Uint8Array) yield Buffer.from(content);
  else yield* content;
  yield Buffer.from(tail);
}
