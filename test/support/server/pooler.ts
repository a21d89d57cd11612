import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOutsideTool } from '../../../tools/outside-tools.ts';
import { serverEngine } from '../ledgers.ts';
import { findFreePort } from './free-port.ts';

const pgbouncer = findOutsideTool('PgBouncer');
export const hasPooler = !serverEngine.missing && pgbouncer !== undefined;

/** A real pooler before the test's server. `start` says who may come in, and returns how to end it. */
export async function startPooler(serverUrl: string, mode: 'transaction' | 'session') {
  const folder = await mkdtemp(join(tmpdir(), 'kona-pooler-'));
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const { hostname, port: target } = new URL(serverUrl);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${target === '' ? '5432' : target}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(folder, 'users.txt')}`,
    `pool_mode = ${mode}`,
    'ignore_startup_parameters = extra_float_digits',
  ];
  await writeFile(join(folder, 'pooler.ini'), `${settings.join('\n')}\n`, { mode: 0o644 });
  return {
    folder,
    port,
    start: async (user: string) => {
      await writeFile(join(folder, 'users.txt'), `"${user}" ""\n`, { mode: 0o644 });
      const child = spawn(pgbouncer ?? 'pgbouncer', ['-u', 'nobody', join(folder, 'pooler.ini')], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said.includes('process up')) resolve();
        });
        child.once('exit', () => {
          reject(new Error(`pgbouncer ended: ${said}`));
        });
      });
      return async () => {
        child.removeAllListeners('exit');
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
        await rm(folder, { recursive: true, force: true });
      };
    },
  };
}
