import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerEngine } from './ledgers.ts';
import { findFreePort } from './server/free-port.ts';

/** A server of the test's own, to be killed and started again. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly databaseUrl: string;
  /** SIGQUIT: ends at once, as a crash does. SIGINT: ends what is under way and writes a checkpoint. Resolves when it is gone. */
  stop(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT'): Promise<void>;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  /** A standby that has every commit before its client hears of it; started. */
  addStandby(): Promise<PrivateStandby>;
}

export interface PrivateStandby extends PrivatePostgres {
  promote(): void;
}

/** Of the newest server installed here; null where there is none. */
const binaries = findBinaries();

export const hasPrivatePostgres = binaries !== null;

function findBinaries(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return (
    versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb'))) ?? null
  );
}

function binary(name: string): string {
  if (binaries === null) throw new Error('no server is installed');
  return join(binaries, name);
}

/** A server refuses to run as root; then it runs as the user its package made. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export async function createPrivatePostgres(): Promise<PrivatePostgres> {
  const user = owner();
  const folder = mkdtempSync(join(tmpdir(), 'kona-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'];
  execFileSync(binary('initdb'), initdb, { ...user, cwd: folder, stdio: 'ignore' });
  const server = await serve(data, folder, user);
  await server.start();
  return server;
}

async function serve(
  data: string,
  folder: string,
  user: { uid?: number; gid?: number },
): Promise<PrivatePostgres> {
  const port = await findFreePort();
  let child: ChildProcess | null = null;
  const databaseUrl = `postgres://postgres@127.0.0.1:${port}/postgres`;

  async function start(): Promise<void> {
    // What a killed server left of itself is in the way until the last of its processes is gone.
    for (;;) {
      const settings = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
      const started = spawn(binary('postgres'), ['-D', data, ...settings], {
        ...user,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (await isReady(started)) {
        child = started;
        return;
      }
    }
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    child = null;
  }

  return {
    databaseUrl,
    start,
    stop,
    addStandby: async () => {
      const copy = join(folder, 'standby');
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
      execFileSync(binary('pg_basebackup'), ['-D', copy, '-R', '-c', 'fast', ...from], {
        ...user,
        cwd: folder,
      });
      const own = join(folder, 'standby-socket');
      mkdirSync(own);
      if (user.uid !== undefined && user.gid !== undefined) chownSync(own, user.uid, user.gid);
      const standby = await serve(copy, own, user);
      await standby.start();
      const settings = [`alter system set synchronous_standby_names = '*'`, 'select pg_reload_conf()'];
      execFileSync(binary('psql'), [databaseUrl, ...settings.flatMap((sql) => ['-c', sql])], {
        stdio: 'ignore',
      });
      return {
        ...standby,
        promote: () => {
          execFileSync(binary('pg_ctl'), ['promote', '-D', copy], { ...user, cwd: folder, stdio: 'ignore' });
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await stop('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** False when it ended instead. */
async function isReady(server: ChildProcess): Promise<boolean> {
  return await new Promise((resolve) => {
    let said = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes('ready to accept')) resolve(true);
    });
    server.once('exit', () => {
      resolve(false);
    });
  });
}

/** Ledgers in the server's one database: one world a server. */
export function engineOn(databaseUrl: string): LedgerEngine {
  return {
    name: 'private Postgres',
    missing: false,
    create: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kona-ledger-'));
      return await Promise.resolve({
        address: { kind: 'server', url: databaseUrl },
        databaseUrl,
        folder,
        remove: async () => {
          rmSync(folder, { recursive: true, force: true });
          await Promise.resolve();
        },
      });
    },
  };
}
