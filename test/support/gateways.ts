import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findFreePort } from './server/free-port.ts';

/** Whether the real servers are installed here; tests that need one have its name in theirs: `(nginx)`, `(haproxy)`. */
export const hasNginx = isInstalled('nginx');
export const hasHaproxy = isInstalled('haproxy');

/** A real gateway in front of a server of the test; it ends with the test. */
export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:<port>`; with TLS `https://localhost:<port>`. */
  readonly origin: string;
  /** The folder of its files: what stands in `files`, and for nginx `access.log` (late) and `error.log`. */
  readonly folder: string;
  /** Reads a file of the folder, such as nginx's `error.log`. */
  read(name: string): string;
  /** Ends it at once; whoever connects then is refused. */
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** The server that `http://upstream` stands for, on 127.0.0.1. */
  readonly upstreamPort: number;
  /** Directives of the http block, such as `limit_req_zone $binary_remote_addr zone=z:1m rate=20r/s;`. */
  readonly http?: string;
  /** Directives of the server block, such as `ssl_verify_client on;`. */
  readonly server?: string;
  /** Directives of the one location, beside `proxy_pass http://upstream;`. */
  readonly location?: string;
  /** Directives of the upstream block, such as `keepalive 16;`. */
  readonly upstream?: string;
  /** Listens by TLS; certificates and keys come as `files`, named by `ssl_certificate` and its like in `server`. */
  readonly tls?: boolean;
  /** Written into the folder first; the configuration names them as they are called here. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts nginx with these directives; rejects with its own words where it does not start. */
export async function startNginx(options: NginxOptions): Promise<Gateway> {
  const {
    upstreamPort,
    http = '',
    server = '',
    location = '',
    upstream = '',
    tls = false,
    files = {},
  } = options;
  const folder = makeFolder(files);
  const port = await findFreePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${name};`)
    .join(' ');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary}
  access_log access.log; error_log error.log;
  upstream upstream { server 127.0.0.1:${upstreamPort}; ${upstream} }
  ${http}
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
    ${server}
    location / { proxy_pass http://upstream; ${location} }
  }
}
`,
  );
  // The first log is where nginx says that its worker runs; those of the http block are files.
  const nginx = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'error_log stderr notice;'];
  return await runGateway('nginx', nginx, { folder, port, tls, readyAt: /start worker process \d/ });
}

export interface HaproxyOptions {
  /** The server on 127.0.0.1 that the backend's `server` line names. */
  readonly upstreamPort: number;
  /** Lines of the global section. */
  readonly global?: string;
  /** Lines of the frontend, such as `http-request deny deny_status 429 if …`. */
  readonly frontend?: string;
  /** Lines of the backend. */
  readonly backend?: string;
  /** What stands behind the backend's server, such as `maxconn 4`. */
  readonly server?: string;
  /** Time-outs and other lines of the defaults, over those of ours. */
  readonly defaults?: string;
  /** What stands behind `bind`, such as `ssl crt server.pem`. */
  readonly bind?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts haproxy with these lines; rejects with its own words where it does not start. */
export async function startHaproxy(options: HaproxyOptions): Promise<Gateway> {
  const { upstreamPort, global = '', frontend = '', backend = '', files = {} } = options;
  const { server = '', defaults = '', bind = '' } = options;
  const folder = makeFolder(files);
  const port = await findFreePort();
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  ${global}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  ${defaults}
frontend front
  bind 127.0.0.1:${port} ${bind}
  ${frontend}
  default_backend back
backend back
  ${backend}
  server provider 127.0.0.1:${upstreamPort} ${server}
`,
  );
  const haproxy = ['-W', '-db', '-C', folder, '-f', 'haproxy.cfg'];
  const tls = bind.startsWith('ssl');
  return await runGateway('haproxy', haproxy, { folder, port, tls, readyAt: /Loading success/ });
}

interface Expected {
  readonly folder: string;
  readonly port: number;
  readonly tls: boolean;
  /** What it says when it takes connections. */
  readonly readyAt: RegExp;
}

async function runGateway(
  name: string,
  parameters: readonly string[],
  { folder, port, tls, readyAt }: Expected,
): Promise<Gateway> {
  const child = spawn(name, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: searched() });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  onTestFinished(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await isReady(child, readyAt);
  return {
    port,
    origin: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    stop,
  };
}

async function isReady(child: ChildProcess, readyAt: RegExp): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const listen = (text: string): void => {
      said = (said + text).slice(-10_000);
      if (readyAt.test(said)) resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', listen);
    child.stderr?.setEncoding('utf8').on('data', listen);
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(`${child.spawnfile} did not start: ${said}`));
    });
  });
}

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kona-gateway-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return folder;
}

/** Debian keeps servers in sbin, which a user's PATH may not name. */
function searched(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter),
  };
}

function isInstalled(name: string): boolean {
  return (searched()['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
