// `npm run test:postgres`: runs a command with KONA_TEST_DATABASE_URL naming a database of its own on a server
// Postgres, and drops that database afterwards, whatever the command did. `--probe` only says whether a server answers;
// with `--if-there` the command runs also where none does, without the variable.
// The server is KONA_TEST_SERVER_URL, else the one of this machine.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const serverUrl = process.env['KONA_TEST_SERVER_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const NO_SERVER = 69; // EX_UNAVAILABLE of sysexits.h

/** Runs one statement on its own connection: `create database` and `drop database` allow no transaction. */
async function runOnServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Resolves with the command's exit code; signals to this process are the command's to answer. */
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

async function runWithDatabase(command: string, args: readonly string[]): Promise<number> {
  const name = `kona_enroll_test_${randomBytes(6).toString('hex')}`;
  const databaseUrl = new URL(serverUrl);
  databaseUrl.pathname = `/${name}`;
  await runOnServer(`create database ${name}`);
  try {
    return await runCommand(command, args, databaseUrl.href);
  } finally {
    await runOnServer(`drop database if exists ${name} with (force)`);
  }
}

async function isServerThere(): Promise<boolean> {
  try {
    await runOnServer('select 1');
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
