// `npm run test:postgres`: runs a command with KONA_TEST_DATABASE_URL, which names a new database on a server
// Postgres, and drops that database afterwards in any case. `--probe` only says whether a server answers; with
// `--if-there` the command also runs without a server, and then without the variable. The server is
// KONA_TEST_SERVER_URL, else the one of this machine.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const serverUrl = process.env['KONA_TEST_SERVER_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const NO_SERVER = 69; // EX_UNAVAILABLE of sysexits.h

/** Connects under a name that others find in pg_stat_activity. */
async function connect(name: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: serverUrl,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: name,
  });
  // The next statement reports a server that went away while the command ran.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Resolves with the command's exit code; the command itself handles signals to this process. */
async function runCommand(command: string, args: readonly string[], databaseUrl?: string): Promise<number> {
  const { KONA_TEST_DATABASE_URL: _, ...env } = process.env;
  const given = databaseUrl === undefined ? {} : { KONA_TEST_DATABASE_URL: databaseUrl };
  const child = spawn(command, args, { stdio: 'inherit', env: { ...env, ...given } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * One connection has the database's name as its application name while this process lives: without it, the run is
 * dead.
 */
async function runWithDatabase(command: string, args: readonly string[]): Promise<number> {
  const name = `kona_test_${randomBytes(6).toString('hex')}`;
  const databaseUrl = new URL(serverUrl);
  databaseUrl.pathname = `/${name}`;
  const life = await connect(name);
  try {
    await dropDeadRuns(life);
    await life.query(`create database ${name}`);
    return await runCommand(command, args, databaseUrl.href);
  } finally {
    await life.end().catch(() => undefined);
    const after = await connect(name);
    await after.query(`drop database if exists ${name} with (force)`);
    await after.end();
  }
}

/** Drops databases of runs that were killed. One that another run drops at the same moment counts as dropped. */
async function dropDeadRuns(on: pg.Client): Promise<void> {
  const { rows } = await on.query<{ name: string }>(
    `select d.datname as name from pg_database d
     where d.datname ~ '^kona_test_[0-9a-f]{12}$'
       and not exists (select from pg_stat_activity a where a.application_name = d.datname)`,
  );
  for (const { name } of rows) {
    await on.query(`drop database if exists ${name} with (force)`).catch(() => undefined);
  }
}

async function isServerThere(): Promise<boolean> {
  try {
    await (await connect('kona_test_probe')).end();
    return true;
  } catch (error) {
    console.error(`server Postgres: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function main([first = '--probe', ...rest]: readonly string[]): Promise<number> {
  const isThere = await isServerThere();
  if (first === '--probe') return isThere ? 0 : NO_SERVER;
  const [command = '', ...args] = first === '--if-there' ? rest : [first, ...rest];
  if (isThere) return await runWithDatabase(command, args);
  return first === '--if-there' ? await runCommand(command, args) : NO_SERVER;
}

process.exitCode = await main(process.argv.slice(2));
