import { request as httpRequest } from 'node:http';

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

/** A browser without scripts that uses a desk: it keeps cookies and sends the forms of pages. */
export interface DeskBrowser {
  get(path: string, headers?: SentHeaders): Promise<ShownPage>;
  /** Sends a form of the page at `from`, as a browser does. */
  post(from: string, to: string, fields: SentHeaders): Promise<ShownPage>;
  /** Sends a file, and opens the page to which the answer leads. */
  send(file: SentFile, headers?: SentHeaders, token?: string): Promise<ShownPage>;
  /** Sends the beginning of a file, and then nothing more. `broken` resolves when the other end is gone. */
  beginUpload(name: string, content: string, kind?: string): Promise<{ readonly broken: Promise<void> }>;
  /** Sends a file that the desk accepts, and opens no page afterwards. */
  handIn(file: SentFile): Promise<string>;
  /** Sends a file that the desk accepts, as `send` does. */
  upload(file: SentFile): Promise<ShownPage & { readonly id: string }>;
  /** Follows an upload's events until it is in one of these states. */
  until(id: string, ...states: readonly string[]): Promise<void>;
  /** Presses a button of the upload's page. */
  press(id: string, action: 'start' | 'withdraw' | 'again' | 'pass'): Promise<ShownPage>;
  /** Downloads a file of the result, as its form does. */
  take(
    id: string,
    name: string,
    reason: string,
  ): Promise<{ readonly response: Response; readonly bytes: Buffer }>;
  /** Begins a download as `take` does, and reads nothing of the file yet. */
  beginTaking(id: string, name: string, reason: string): Promise<BegunTaking>;
}

/** A download that has begun. */
export interface BegunTaking {
  readonly status: number;
  /** Reads the rest of the file. Rejects where the sender breaks off. */
  rest(): Promise<Buffer>;
}

export function createDeskBrowser(addressOf: () => string): DeskBrowser {
  let cookies = '';
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', cookies);
    const response = await fetch(addressOf() + path, { ...init, headers, redirect: 'manual' });
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
  const handIn = async (file: SentFile): Promise<string> => {
    const response = await sendForm(file);
    const id = /^\/uploads\/(?<id>.+)$/.exec(response.headers.get('location') ?? '')?.groups?.['id'];
    const text = await response.text();
    if (id === undefined) throw new Error(`not taken: ${response.status} ${text}`);
    return id;
  };
  const post = async (from: string, to: string, fields: SentHeaders): Promise<Response> => {
    const body = new URLSearchParams({ ...fields, token: await tokenOf(from) });
    return await request(to, { method: 'POST', body, headers: sameOrigin });
  };
  return {
    get: async (path, headers = {}) => {
      let page: ShownPage;
      // A page whose figures are still being proved asks again by itself, as a browser does for it.
      do page = await show(await request(path, { headers }));
      while (page.text.includes('data-again="'));
      return page;
    },
    post: async (from, to, fields) => await show(await post(from, to, fields)),
    press: async (id, action) => await show(await post(`/uploads/${id}`, `/uploads/${id}/${action}`, {})),
    beginTaking: async (id, name, reason) => {
      const response = await post(`/uploads/${id}`, `/uploads/${id}/files`, { name, reason });
      return { status: response.status, rest: async () => Buffer.from(await response.arrayBuffer()) };
    },
    take: async (id, name, reason) => {
      const response = await post(`/uploads/${id}`, `/uploads/${id}/files`, { name, reason });
      return { response, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    until: async (id, ...states) => {
      const { body } = await request(`/uploads/${id}/events`);
      if (body === null) throw new Error('no events');
      let text = '';
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        if (states.some((state) => text.includes(`"state":"${state}"`))) return;
      }
      throw new Error(`ended without ${states.join(' or ')}: ${text}`);
    },
    send: async (file, headers, token) => await show(await sendForm(file, headers, token)),
    beginUpload: async (name, content, kind = 'proof') => {
      const boundary = 'cut-off-here';
      const fieldOf = (field: string, value: string): string =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`;
      const token = await tokenOf('/uploads/new');
      const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
      const headers = {
        ...sameOrigin,
        cookie: cookies,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      };
      const sent = httpRequest(`${addressOf()}/uploads`, { method: 'POST', headers });
      // The other end may break the connection; `broken` tells that.
      sent.on('error', () => undefined);
      const { promise: broken, resolve } = Promise.withResolvers<undefined>();
      sent.on('close', () => {
        resolve(undefined);
      });
      sent.write(fieldOf('token', token) + fieldOf('kind', kind) + file + content);
      return { broken };
    },
    handIn,
    upload: async (file) => {
      const id = await handIn(file);
      return { id, ...(await show(await request(`/uploads/${id}`))) };
    },
  };
}
