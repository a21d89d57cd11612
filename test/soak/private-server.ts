import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Postgres of our own, which may be broken off without hurting anybody; gone with its folder at the end. */
export interface PrivateServer extends AsyncDisposable {
  readonly url: string;
  /** As after a crash: `pg_ctl stop -m immediate`, and started again. */
  restart(): Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Postgres does not run as root: then it runs as `postgres`, whom its packages make, or else as `nobody`. */
function accountOf(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const idOf = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      continue;
    }
  }
  throw new Error('Postgres does not run as root, and there is neither a user postgres nor nobody');
}

/** The folder of initdb and pg_ctl: KONA_POSTGRES_BINDIR, else as pg_config says. Null where there is none. */
export function findServerPrograms(): string | null {
  const given = process.env['KONA_POSTGRES_BINDIR'] ?? askPgConfig();
  return given !== null && existsSync(join(given, 'initdb')) ? given : null;
}

function askPgConfig(): string | null {
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

export async function startPrivateServer(programs: string): Promise<PrivateServer> {
  const account = accountOf();
  const folder = await mkdtemp(join(tmpdir(), 'kona-postgres-'));
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const port = await findFreePort();
  const run = async (name: string, ...argv: readonly string[]): Promise<void> => {
    await runProgram(join(programs, name), argv, { ...account, cwd: folder });
  };
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='${folder}'`;
  const start = async (): Promise<void> => {
    await run('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', settings);
  };
  const stop = async (): Promise<void> => {
    await run('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', data);
  };
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale');
  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    restart: async () => {
      await stop();
      await start();
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that pg_ctl starts keeps pg_ctl's own output open: its end is awaited, not that of its output. */
async function runProgram(
  path: string,
  argv: readonly string[],
  options: Account & { readonly cwd: string },
): Promise<void> {
  const child = spawn(path, argv, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  child.stderr.destroy();
  if (exitCode !== 0) throw new Error(`${path} ${argv[0] ?? ''} failed: ${stderr}`);
}
