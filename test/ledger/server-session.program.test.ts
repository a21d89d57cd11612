import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { openLedger, tellingLoss } from '../../src/ledger/engine/open-ledger.ts';
import { connectForLock } from '../../src/ledger/locks/lock-connection.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import { serverEngine } from '../support/ledgers.ts';
import { findFreePort } from '../support/server/free-port.ts';
import { hasPooler, startPooler } from '../support/server/pooler.ts';
import { createRole } from '../support/server/server-role.ts';
import { runSql } from '../support/run-sql.ts';

const serverUrl = process.env['KONA_TEST_DATABASE_URL'] ?? '';
const onServer = serverEngine.missing ? test.skip : test;

async function failureOf(url: string): Promise<{ code: string; message: string }> {
  try {
    const ledger = await openLedger({ kind: 'server', url, from: 'DATABASE_URL in .env' });
    await ledger.close();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('the ledger was opened');
}

/** Why work on an open ledger failed. */
async function lossOf(work: () => Promise<unknown>, url: string): Promise<{ code: string; message: string }> {
  return await tellingLoss({ kind: 'server', url, from: 'DATABASE_URL in .env' }, work).then(
    () => {
      throw new Error('nothing was lost');
    },
    (error: unknown) => error as { code: string; message: string },
  );
}

onServer.each([
  { why: 'all its connections are taken', change: 'connection limit 0', advice: 'CONNECTION LIMIT' },
  { why: 'its role is let in no more', change: 'nologin', advice: 'does not let the role' },
])(
  'a database lost in mid-work because $why is told as at a start (server Postgres)',
  async ({ change, advice }) => {
    await using role = await createRole(serverUrl, {});
    const ledger = await openLedger({ kind: 'server', url: role.url });
    const lock = await connectForLock(role.url, systemClock);
    try {
      await runSql(serverUrl, `alter role ${role.name} ${change}`);
      await runSql(
        serverUrl,
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role.name}'`,
      );
      const atStart = await failureOf(role.url);
      expect(atStart.message).toContain(advice);
      const ask = async (): Promise<unknown> => await ledger.query('select 1');
      // A connection that lay in the pool may still say that it was ended.
      await vi.waitFor(
        async () => {
          expect(await lossOf(ask, role.url)).toMatchObject({ code: atStart.code, message: atStart.message });
        },
        { timeout: 120_000 },
      );
      const locked = async (): Promise<unknown> => await connectForLock(role.url, systemClock);
      expect(await lossOf(locked, role.url)).toMatchObject({ message: atStart.message });
    } finally {
      await lock.close();
      await ledger.close();
    }
  },
);

const relied = ['DateStyle', 'IntervalStyle', 'TimeZone', 'client_encoding', 'array_nulls'];

onServer(
  'the ledger’s connections set what they rely on, whatever the role has as its default (server Postgres)',
  async () => {
    await using role = await createRole(serverUrl, {
      settings: [
        `DateStyle = 'German'`,
        `IntervalStyle = 'iso_8601'`,
        `TimeZone = 'Asia/Seoul'`,
        `client_encoding = 'UHC'`,
        'array_nulls = off',
        `default_transaction_isolation = 'serializable'`,
      ],
    });
    const sql = `select ${relied.map((name) => `current_setting('${name}')`).join(` || '|' || `)} as said`;
    const said = 'ISO, MDY|postgres|UTC|UTF8|on';
    const ledger = await openLedger({ kind: 'server', url: role.url });
    try {
      expect(await ledger.query(sql)).toEqual([{ said }]);
      expect(await ledger.transaction(async (transaction) => await transaction.query(sql))).toEqual([
        { said },
      ]);
      const at = new Date('2026-11-03T16:00:00.123Z');
      const [row] = await ledger.query(
        'select $1::timestamptz as at, $2::text[] as cells, current_setting($3) as level',
        [at.toISOString(), ['가', null], 'transaction_isolation'],
      );
      expect(row).toEqual({ at, cells: ['가', null], level: 'read committed' });
    } finally {
      await ledger.close();
    }
    const lock = await connectForLock(role.url, systemClock);
    expect(await lock.query(sql)).toEqual([{ said }]);
    await lock.close();
  },
);

onServer(
  'a database that can’t hold a ledger says what to do, and where its URL stands (server Postgres)',
  async () => {
    const from = 'The URL is that of DATABASE_URL in .env.';
    await using stranger = await createRole(serverUrl, { owns: false });
    expect(await failureOf(stranger.url)).toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `The role ${stranger.name} lacks rights .*grant usage, create .*kona-enroll migrate.* ${from}$`,
        ),
      ) as unknown,
    });
    await using readOnly = await createRole(serverUrl, { settings: ['default_transaction_read_only = on'] });
    expect(await failureOf(readOnly.url)).toMatchObject({
      code: 'LEDGER_UNUSABLE',
      message: expect.stringMatching(
        /read-only for the role .*set default_transaction_read_only = off\. The URL/,
      ) as unknown,
    });
    await using lost = await createRole(serverUrl, { settings: ['search_path = nowhere'] });
    expect(await failureOf(lost.url)).toMatchObject({
      code: 'LEDGER_UNUSABLE',
      message: expect.stringContaining('no schema that the role') as unknown,
    });
    const name = `ascii_${randomBytes(4).toString('hex')}`;
    await runSql(serverUrl, `create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`);
    try {
      expect(await failureOf(serverUrl.replace(/\/[^/?]*(\?|$)/, `/${name}$1`))).toMatchObject({
        code: 'LEDGER_UNUSABLE',
        message: expect.stringMatching(/kept in SQL_ASCII.*createdb --encoding UTF8/) as unknown,
      });
      await runSql(serverUrl, `alter database ${name} allow_connections false`);
      expect(await failureOf(serverUrl.replace(/\/[^/?]*(\?|$)/, `/${name}$1`))).toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
        message: expect.stringMatching(/lets nobody in for now .*allow_connections/) as unknown,
      });
    } finally {
      await runSql(serverUrl, `drop database ${name} with (force)`);
    }
    expect((await failureOf(serverUrl.replace(/\/[^/?]*(\?|$)/, '/not_there$1'))).message).toMatch(
      /There is no database not_there on .*: create it .*The URL is that of DATABASE_URL in \.env\.$/,
    );
  },
);

test('a server that is not there is told with its place, the cure, and where the URL stands', async () => {
  const nobody = await findFreePort();
  expect(await failureOf(`postgres://kona:secret@127.0.0.1:${nobody}/ledger`)).toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    message: expect.stringMatching(
      new RegExp(
        `Nothing listens on 127.0.0.1:${nobody}: start the server, .* The URL is that of DATABASE_URL in .env.$`,
      ),
    ) as unknown,
  });
  const { message } = await failureOf('postgres://kona:secret@nowhere.invalid/ledger');
  expect(message).toContain('The name nowhere.invalid leads to no machine');
  expect(message).not.toContain('secret');
});

const withPooler = hasPooler ? test : test.skip;

withPooler.each([['transaction'], ['session']] as const)(
  'a pooler in %s mode is refused before anything is staged, or will do and is told (PgBouncer)',
  async (mode) => {
    await using role = await createRole(serverUrl, {});
    const pooler = await startPooler(serverUrl, mode);
    const stop = await pooler.start(role.name);
    try {
      const url = new URL(role.url);
      url.hostname = '127.0.0.1';
      url.port = String(pooler.port);
      const opened = await openLedger({ kind: 'server', url: url.href }).then(
        async (ledger) => {
          await ledger.query('create table copied (number integer)');
          const guard = { sql: 'select 1 where $1::integer = 1', parameters: [1] };
          await ledger.bulk?.copyIn('copied', [Buffer.from('7\n')], guard);
          const copied = await ledger.query('select number from copied');
          await ledger.close();
          return { copied, doubts: ledger.engine === 'server' ? ledger.doubts : null };
        },
        (error: unknown) => ({ error: error as Error }),
      );
      url.pathname = '/pgbouncer';
      await expect(openLedger({ kind: 'server', url: url.href })).rejects.toThrow(
        /is a console of the pooler/,
      );
      const tables = await tablesOf(role.name, role.url);
      if (mode === 'session') {
        // It behaves, and is told all the same: the next time it may be set otherwise.
        expect(opened).toEqual({
          copied: [{ number: 7 }],
          doubts: [expect.stringMatching(/a pooler stands .*pool_mode = session/)],
        });
        expect(tables).toBeGreaterThan(10);
      } else {
        const { error = null } = 'error' in opened ? opened : {};
        expect(error?.message).toMatch(/a pooler in transaction mode .*pool_mode = session/);
        expect(tables).toBe(0);
      }
    } finally {
      await stop();
    }
  },
);

async function tablesOf(schema: string, url: string): Promise<number> {
  const connection = await connectForLock(url, systemClock);
  const rows = await connection.query('select 1 as one from pg_tables where schemaname = $1', [schema]);
  await connection.close();
  return rows.length;
}
