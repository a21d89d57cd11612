import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';

const tool = resolve('tools/with-test-database.ts');
const serverUrl = process.env['KONA_TEST_DATABASE_URL'];

async function databaseExists(name: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    return rowCount === 1;
  } finally {
    await client.end();
  }
}

/** Resolves when whoever was connected under this name is gone, whether the server has noticed it by itself or not. */
async function untilNobodyIs(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  const end = 'select pg_terminate_backend(pid, 120000) from pg_stat_activity where application_name = $1';
  try {
    await client.query(end, [name]);
  } finally {
    await client.end();
  }
}

function databaseNameIn(url: string): string {
  return new URL(url.trim()).pathname.slice(1);
}

/** A port of this machine that nothing listens on. */
async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('no server: says so with exit 69 and runs nothing', async () => {
  const url = `postgres://nobody@127.0.0.1:${await findClosedPort()}/none`;
  const env = { ...process.env, KONA_TEST_SERVER_URL: url };
  const command = [tool, process.execPath, '--print', '"ran"'];
  await expect(promisify(execFile)(process.execPath, command, { env })).rejects.toMatchObject({
    code: 69,
    stdout: '',
    stderr: expect.stringContaining('ECONNREFUSED') as string,
  });
});

test('no server, where one is only welcome: the command runs without a database, and keeps its exit code', async () => {
  const url = `postgres://nobody@127.0.0.1:${await findClosedPort()}/none`;
  const env = { ...process.env, KONA_TEST_SERVER_URL: url, KONA_TEST_DATABASE_URL: url };
  const script = 'console.log(String(process.env.KONA_TEST_DATABASE_URL)); process.exitCode = 7';
  const command = [tool, '--if-there', process.execPath, '--eval', script];
  await expect(promisify(execFile)(process.execPath, command, { env })).rejects.toMatchObject({
    code: 7,
    stdout: 'undefined\n',
    stderr: expect.stringContaining('ECONNREFUSED') as string,
  });
});

describe.skipIf(serverUrl === undefined)('with a server (server Postgres)', () => {
  const env = { ...process.env, KONA_TEST_SERVER_URL: serverUrl };

  test('the command has a database of its own, its exit code is kept, the database is dropped', async () => {
    const script = 'console.log(process.env.KONA_TEST_DATABASE_URL); process.exitCode = 7';
    const failure: unknown = await promisify(execFile)(
      process.execPath,
      [tool, process.execPath, '--eval', script],
      {
        env,
      },
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 7 });
    const { stdout } = failure as { stdout: string };
    expect(databaseNameIn(stdout)).toMatch(/^kona_test_[0-9a-f]{12}$/);
    expect(await databaseExists(databaseNameIn(stdout))).toBe(false);
  });

  test('where one is only welcome the command has a database all the same', async () => {
    const command = [tool, '--if-there', process.execPath, '--print', 'process.env.KONA_TEST_DATABASE_URL'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    expect(databaseNameIn(stdout)).toMatch(/^kona_test_[0-9a-f]{12}$/);
  });

  test('stopped by a signal, it stops the command and drops the database', async () => {
    const script = 'console.log(process.env.KONA_TEST_DATABASE_URL); setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, [tool, process.execPath, '--eval', script], { env });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const name = databaseNameIn(String(printed));
    expect(await databaseExists(name)).toBe(true);

    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    expect(await databaseExists(name)).toBe(false);
  });

  test('killed, it leaves its database to the next run, which drops it and none that is in use', async () => {
    const script = 'console.log(process.env.KONA_TEST_DATABASE_URL); setInterval(() => {}, 1000)';
    const start = async (): Promise<{ child: ChildProcess; name: string }> => {
      const child = spawn(process.execPath, [tool, process.execPath, '--eval', script], { env });
      onTestFinished(() => void child.kill('SIGTERM'));
      const [printed] = (await once(child.stdout, 'data')) as [Buffer];
      return { child, name: databaseNameIn(String(printed)) };
    };
    const dead = await start();
    const alive = await start();
    dead.child.kill('SIGKILL');
    await once(dead.child, 'exit');
    await untilNobodyIs(dead.name);
    expect(await databaseExists(dead.name)).toBe(true);

    await promisify(execFile)(process.execPath, [tool, process.execPath, '--print', '1'], { env });
    expect(await databaseExists(dead.name)).toBe(false);
    expect(await databaseExists(alive.name)).toBe(true);
  });
});
