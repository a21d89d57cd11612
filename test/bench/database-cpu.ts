import { readFileSync, readdirSync } from 'node:fs';
import pg from 'pg';

/** Clock ticks a second of /proc, on every Linux there is. */
const TICKS = 100;
const PARENT = 3;
/** User, system, and the same of children that have ended. */
const TIMES = [13, 14, 15, 16] as const;

/** CPU seconds of a server on this machine since its start; null where it is elsewhere, or the system has no /proc. */
export async function databaseCpu(databaseUrl: string): Promise<number | null> {
  const server = await findServer(databaseUrl);
  return server === null ? null : cpuOfServer(server);
}

/** The process whose children serve the database; null where it is elsewhere, or the system has no /proc. */
export async function findServer(databaseUrl: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const server = Number(readStat(rows[0]?.pid ?? 0)?.[PARENT]);
    return Number.isNaN(server) ? null : server;
  } finally {
    await client.end();
  }
}

/** CPU seconds of the process and its children since its start. */
export function cpuOfServer(server: number): number {
  const processes = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    return stat !== null && (Number(name) === server || Number(stat[PARENT]) === server) ? [stat] : [];
  });
  const ticks = processes.flatMap((stat) => TIMES.map((index) => Number(stat[index])));
  return ticks.reduce((sum, count) => sum + count, 0) / TICKS;
}

/** The fields of a process, the name in its brackets taken for one word. */
function readStat(pid: number): readonly string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, 'name')
      .split(' ');
  } catch {
    return null;
  }
}
