import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { layCable } from '../../support/ledger-cable.ts';
import { serverEngine } from '../../support/ledgers.ts';
import { openPostgresTable } from '../../../src/intake/postgres/postgres-table.ts';
import {
  failureOf,
  PASSWORD,
  readWhole,
  setup,
  sourceOf,
  startReading,
  waitUntilUnread,
  type SourceWorld,
} from './postgres-world.ts';
import { layDeadEnd, listenSilently } from './silent-ends.ts';

const members = `create table members (user_id text primary key, par text);
  insert into members select g, 'p' from generate_series(1, 4500) g`;
/** Its second page takes a minute. */
const slow = `select user_id, par from members where user_id::int <= 2000 or pg_sleep(60) is not null`;
const readers = `select pid from pg_locks where relation = 'members'::regclass and pid <> pg_backend_pid()`;

const stateOfReaders = `select a.state from pg_locks l join pg_stat_activity a using (pid)
  where l.relation = 'members'::regclass and a.pid <> pg_backend_pid()`;

async function terminateReaders(world: SourceWorld): Promise<number> {
  const { rows } = await world.admin.query(
    `select pg_terminate_backend(pid, 10000) from (${readers}) as r group by pid`,
  );
  return rows.length;
}

function withUrl(world: SourceWorld, change: (url: URL) => void): string {
  const url = new URL(world.url);
  change(url);
  return url.href;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a database that is not there', () => {
  test('refuses the connection: exit 8’s error, with host, name and what to do', async () => {
    const silent = await listenSilently();
    await silent[Symbol.asyncDispose]();
    const failure = await failureOf(openPostgresTable(sourceOf(silent.url, { table: 'members' })));
    expect(failure).toMatchObject({ name: 'SourceUnavailableError', code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toMatch(
      /^the source database 127\.0\.0\.1\/crm is not available: connect ECONNREFUSED .*; check that it runs and can be reached, then run the same command again\. The URL is that of SOURCE_URL in \.env\.$/,
    );
  });

  test('takes the connection and is silent: given up after 10 s', async () => {
    await using silent = await listenSilently();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failure = failureOf(openPostgresTable(sourceOf(silent.url, { table: 'members' })));
    await silent.connected;
    vi.advanceTimersByTime(10_000);
    expect(await failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test('a certificate file of the URL that is not there', async () => {
    const url = `postgres://kona:${PASSWORD}@127.0.0.1/crm?sslrootcert=/nowhere/ca.pem`;
    const failure = await failureOf(openPostgresTable(sourceOf(url, { table: 'members' })));
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toContain('ENOENT');
    expect(failure.message).toMatch(/ The URL is that of SOURCE_URL in \.env\.$/);
  });
});

describe.skipIf(serverEngine.missing)('a database that lets nobody in (server Postgres)', () => {
  test('an unknown user', async () => {
    await using world = await setup();
    const url = withUrl(world, (to) => (to.username = 'nobody_here'));
    const failure = await failureOf(world.open({ url, query: 'select 1' }));
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toContain('correct user and password in list.postgres.url');
  });

  test('an unknown database', async () => {
    await using world = await setup();
    const url = withUrl(world, (to) => (to.pathname = '/nowhere_at_all'));
    const failure = await failureOf(world.open({ url, query: 'select 1' }));
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toMatch(/^the source database [^ ]+\/nowhere_at_all is not available: /);
    expect(failure.message).toContain("correct the database's name in list.postgres.url");
  });

  test('too many connections', async () => {
    await using world = await setup();
    const role = `crowded_${world.schema}`;
    await world.admin.query(`create role ${role} login connection limit 0`);
    const url = withUrl(world, (to) => (to.username = role));
    const failure = await failureOf(world.open({ url, query: 'select 1' }));
    await world.admin.query(`drop role ${role}`);
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toContain('(SQLSTATE 53300); run the same command again when it has room');
  });

  test('a session whose settings the server refuses is closed', async () => {
    await using world = await setup();
    const url = withUrl(world, (to) => {
      to.searchParams.set('application_name', world.schema);
    });
    const failure = await failureOf(
      world.open({ url, query: 'select 1', statementTimeoutMs: 3_000_000_000 }),
    );
    expect(failure.message).toContain('(SQLSTATE 22023)');
    const left = `select state from pg_stat_activity where application_name = '${world.schema}'`;
    await expect.poll(async () => (await world.admin.query<object>(left)).rows).toEqual([]);
  });

  test('no TLS, where the URL wants it', async () => {
    await using world = await setup();
    const cable = createServer((near) => {
      // Stands in for a server without TLS, whatever this one has: "N" to the request for it.
      near.on('error', () => undefined).once('data', () => near.write('N'));
    });
    cable.listen(0, '127.0.0.1');
    await once(cable, 'listening');
    const url = withUrl(world, (to) => {
      to.host = `127.0.0.1:${(cable.address() as AddressInfo).port}`;
      to.searchParams.set('sslmode', 'verify-full');
    });
    const failure = await failureOf(world.open({ url, query: 'select 1' }));
    cable.close();
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(failure.message).toContain('does not support SSL');
  });
});

describe.skipIf(serverEngine.missing)('a reading that breaks off (server Postgres)', () => {
  test('its backend is ended between two pages: the server’s reason', async () => {
    await using world = await setup(members);
    const reading = startReading(await world.open({ table: 'members' }));
    await reading.next();
    expect(await terminateReaders(world)).toBe(1);
    const failure = await failureOf(reading.next());
    expect(failure).toMatchObject({ name: 'SourceUnavailableError' });
    expect(failure.message).toMatch(
      /^the source database \S+ is not available: .* \(SQLSTATE 57P01\); check that/,
    );
    expect(failure.message).toContain(world.place);
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test('its backend is ended within a page', async () => {
    await using world = await setup(members);
    const reading = startReading(await world.open({ query: slow }));
    await reading.next();
    const failure = failureOf(reading.next());
    await expect
      .poll(async () => (await world.admin.query<object>(stateOfReaders)).rows)
      .toEqual([{ state: 'active' }]);
    await terminateReaders(world);
    expect(await failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test.each(['between', 'within'])('the wire is cut %s pages', async (when) => {
    await using world = await setup(members);
    await using cable = await layCable(world.url);
    const query = when === 'within' ? slow : 'select user_id, par from members';
    const table = await world.open({ url: cable.databaseUrl, query, statementTimeoutMs: 3_000 });
    const reading = startReading(table);
    await reading.next();
    const next = when === 'within' ? failureOf(reading.next()) : null;
    await cable.cut();
    const failure = await (next ?? failureOf(reading.next()));
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await waitUntilUnread(world, 'members');
  });

  test('the server falls silent: given up a little after the statement’s time', async () => {
    await using world = await setup(members);
    await using cable = await layCable(world.url);
    const table = await world.open({ url: cable.databaseUrl, table: 'members', statementTimeoutMs: 1_000 });
    const reading = startReading(table);
    await reading.next();
    cable.silenceAll();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let isOver = false;
    const failure = failureOf(reading.next()).finally(() => (isOver = true));
    vi.advanceTimersByTime(5_999);
    await world.admin.query('select 1');
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test('a server that went without a word holds up nobody who leaves', async () => {
    await using world = await setup(members);
    await using wire = await layDeadEnd(world.url);
    const reading = startReading(await world.open({ url: wire.url, table: 'members' }));
    await reading.next();
    wire.fallSilent();
    expect(await reading.return({ records: 0, blankLines: 0 })).toMatchObject({ done: true });
  });

  test('a statement takes too long', async () => {
    await using world = await setup(members);
    const query = `select user_id, par from members where pg_sleep(60) is not null`;
    const table = await world.open({ query, statementTimeoutMs: 50 });
    const failure = await failureOf(readWhole(table));
    expect(failure).toMatchObject({ name: 'SourceUnavailableError' });
    expect(failure.message).toContain('(SQLSTATE 57014); raise list.postgres.statementTimeoutMs');
    await waitUntilUnread(world, 'members');
  });

  test('a conflict with others', async () => {
    await using world = await setup(`${members};
      create function conflict() returns text language plpgsql as
        $$ begin raise exception 'canceling statement due to conflict' using errcode = '40001'; end $$`);
    const table = await world.open({ query: `select conflict() as user_id, 'p' as par` });
    expect(await failureOf(readWhole(table))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe.skipIf(serverEngine.missing)('a reading that is stopped (server Postgres)', () => {
  test('before it begins: the signal’s reason, and no connection', async () => {
    const reason = new Error('stopped');
    await using world = await setup(members);
    await using cable = await layCable(world.url);
    const table = await world.open({ url: cable.databaseUrl, table: 'members' });
    await cable.cut();
    expect(await failureOf(startReading(table, AbortSignal.abort(reason)).next())).toBe(reason);
  });

  test('while it connects', async () => {
    await using world = await setup(members);
    await using cable = await layCable(world.url);
    const table = await world.open({ url: cable.databaseUrl, table: 'members' });
    cable.silenceAll();
    const stop = new AbortController();
    const failure = failureOf(startReading(table, stop.signal).next());
    const reason = new Error('stopped');
    stop.abort(reason);
    expect(await failure).toBe(reason);
  });

  test('between two pages: the connection is closed before anybody asks for the next', async () => {
    await using world = await setup(members);
    const stop = new AbortController();
    const reading = startReading(await world.open({ table: 'members' }), stop.signal);
    await reading.next();
    const reason = new Error('stopped');
    stop.abort(reason);
    await waitUntilUnread(world, 'members');
    expect(await failureOf(reading.next())).toBe(reason);
  });

  test('within a page: at once', async () => {
    await using world = await setup(members);
    const stop = new AbortController();
    const table = await world.open({ query: slow, statementTimeoutMs: 3_000 });
    const reading = startReading(table, stop.signal);
    await reading.next();
    const failure = failureOf(reading.next());
    const reason = new Error('stopped');
    stop.abort(reason);
    expect(await failure).toBe(reason);
    expect((await world.admin.query(readers)).rows.length).toBeGreaterThan(0);
    await waitUntilUnread(world, 'members');
  });

  test('a signal that outlives the reading keeps nothing of it', async () => {
    await using world = await setup(members);
    const stop = new AbortController();
    const added = vi.spyOn(stop.signal, 'addEventListener');
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    const reading = startReading(await world.open({ table: 'members' }), stop.signal);
    await reading.next();
    await reading.return({ records: 0, blankLines: 0 });
    expect(added).toHaveBeenCalledOnce();
    expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]?.[1]);
  });
});
