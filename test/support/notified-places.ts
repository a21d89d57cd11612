import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** One call of something that is notified over HTTP. */
export interface HeardCall {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string;
}

/** An HTTP server that keeps what it is told and answers `status`, or nothing at all. */
export interface ListeningPlace extends AsyncDisposable {
  readonly url: string;
  readonly heard: HeardCall[];
  /** 0: it takes the call and never answers. */
  status: number;
  /** Resolves when somebody has connected. */
  readonly connected: Promise<void>;
  /** Resolves when the next call has come. */
  called(): Promise<void>;
}

export async function listenForCalls(): Promise<ListeningPlace> {
  const heard: HeardCall[] = [];
  let next = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      heard.push({ path, type: headers['content-type'], body: Buffer.concat(chunks).toString('utf8') });
      next.resolve();
      next = Promise.withResolvers<void>();
      if (place.status !== 0) response.writeHead(place.status).end('ok');
    });
  });
  const connected = Promise.withResolvers<void>();
  server.on('connection', () => {
    connected.resolve();
  });
  // A proxy's CONNECT hangs with status 0, and is refused else.
  server.on('connect', (_request, socket) => {
    if (place.status !== 0) socket.destroy();
  });
  const place = {
    heard,
    connected: connected.promise,
    status: 200,
    url: '',
    called: async () => {
      await next.promise;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  place.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return place;
}

export interface MailServer extends AsyncDisposable {
  readonly url: string;
  /** Each as it came over the wire. */
  readonly mails: string[];
  /** Who they were for, one entry a mail. */
  readonly recipients: string[][];
}

/** A mail server that wants a user and a password, and keeps what it gets. */
export async function listenForMail(): Promise<MailServer> {
  const mails: string[] = [];
  const recipients: string[][] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'kona' && password === 'p%ss') done(null, { user: username });
      else done(new Error('wrong password'));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        recipients.push(session.envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://kona:p%25ss@127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    recipients,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(closed.resolve);
      await closed.promise;
    },
  };
}
