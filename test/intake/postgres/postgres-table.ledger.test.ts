import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/intake/open-list.ts';
import { serverEngine } from '../../support/ledgers.ts';
import { byName as listsByName, collectRows } from '../list-folder.ts';
import {
  failureOf,
  readWhole,
  setup,
  startReading,
  tryLock,
  waitUntilUnread,
  withOptions,
} from './postgres-world.ts';

const PAR = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0';
const members = `create table members (id bigint primary key, name text, user_id text, par text);
  insert into members select g, 'n' || g, lpad(g::text, 19, '9'), '${PAR}' from generate_series(1, 4500) g`;

describe.skipIf(serverEngine.missing)('what a table gives (server Postgres)', () => {
  test('its key, user id and PAR, in the order of the key, in sets, with the server’s own count', async () => {
    await using world = await setup(members);
    const table = await world.open({ table: 'members' });
    expect(table).toMatchObject({
      format: 'postgres',
      name: `table members on ${world.place}`,
      header: ['id', 'user_id', 'par'],
    });
    expect(table.cellName(1, 0)).toBeNull();
    const { records, sets, totals } = await readWhole(table);
    expect(sets).toEqual([2000, 2000, 500]);
    expect(totals).toEqual({ records: 4500, blankLines: 0 });
    expect(records.map((record) => record.line)).toEqual(records.map((_, index) => index + 1));
    expect(records.map((record) => record.cells[0])).toEqual(records.map((_, index) => String(index + 1)));
    expect(records.at(-1)).toEqual({ line: 4500, cells: ['4500', '9999999999999994500', PAR] });
  });

  test('of wide rows fewer at a time, and many again after one that is alone', async () => {
    await using world = await setup();
    const query = (wide: string) =>
      `select g::text as user_id, '${PAR}' as par, case when ${wide} then repeat('x', 900000) end as note
       from generate_series(1, 3000) g`;
    const few = await readWhole(await world.open({ query: `${query('true')} limit 30` }));
    expect(Math.max(...few.sets)).toBeLessThan(25);
    expect(few.totals).toEqual({ records: 30, blankLines: 0 });
    const alone = await readWhole(await world.open({ query: query('g = 5') }));
    expect(alone.sets).toEqual([2000, 1000]);
    expect(alone.records.map(({ line }) => line)).toEqual(alone.records.map((_, index) => index + 1));
  });

  test('a row of more than 1 MiB is refused, with its place and a way out', async () => {
    await using world = await setup();
    const query = `select g::text as user_id, '${PAR}' as par, repeat('x', 400000 * g) as note
       from generate_series(1, 9) g`;
    const failure = await failureOf(readWhole(await world.open({ query })));
    expect(failure).toMatchObject({ reason: 'row_too_large', line: 3 });
    expect(failure.message).toContain('ask in list.postgres.query for the columns that the report needs');
  });

  test('an exact number with decimals is refused with what to do in SQL, not in Excel', async () => {
    await using world = await setup();
    const query = `select 1234567890123456789.00 as user_id, '${PAR}' as par`;
    const source = {
      kind: 'postgres',
      url: world.url,
      urlFrom: 'SOURCE_URL in .env',
      query,
      table: null,
      statementTimeoutMs: 20_000,
    } as const;
    const failure = await failureOf(openList(source, listsByName).then(collectRows));
    expect(failure.message).toContain('cast it in list.postgres.query, as in user_id::numeric(19)');
    expect(failure.message).not.toContain('Excel');
    const cast = { ...source, query: query.replace('.00', '.00::numeric(19)') };
    const [row] = await collectRows(await openList(cast, listsByName));
    expect(row?.content).toMatchObject({ kind: 'record', userId: '1234567890123456789' });
  });

  test('a key of several columns in key order, which is not the order of the columns', async () => {
    await using world =
      await setup(`create table t (par text, b int, user_id text, a text, primary key (a, b));
      insert into t values ('p1', 2, 'u1', 'x'), ('p2', 10, 'u2', 'x'), ('p3', 1, 'u3', 'y')`);
    const table = await world.open({ table: 't' });
    expect(table.header).toEqual(['a', 'b', 'user_id', 'par']);
    expect((await readWhole(table)).cells).toEqual([
      ['x', '2', 'u1', 'p1'],
      ['x', '10', 'u2', 'p2'],
      ['y', '1', 'u3', 'p3'],
    ]);
  });

  test('a user id that is the key stands there once', async () => {
    await using world = await setup(
      `create table t (par text, user_id numeric(19) primary key); insert into t values ('p', 9007199254740993)`,
    );
    const table = await world.open({ table: 't' });
    expect(table.header).toEqual(['user_id', 'par']);
    expect((await readWhole(table)).cells).toEqual([['9007199254740993', 'p']]);
  });

  test('without a key, user id and PAR in the order of their bytes, whatever the collation', async () => {
    await using world = await setup(`create table t (user_id text collate "en-x-icu", par text, note text);
      insert into t values ('a', 'q'), ('B', 'p'), ('a', 'P'), (null, 'r'), ('10', 'p'), ('9', 'p')`);
    const table = await world.open({ table: 't' });
    expect(table.header).toEqual(['user_id', 'par']);
    const inOrder = [
      ['10', 'p'],
      ['9', 'p'],
      ['B', 'p'],
      ['a', 'P'],
      ['a', 'q'],
      ['', 'r'],
    ];
    expect((await readWhole(table)).cells).toEqual(inOrder);
  });

  test('a view, a partitioned table and a materialised view are tables too', async () => {
    await using world = await setup(`${members};
      create view v as select user_id, par from members where id < 3;
      create materialized view m as select * from v;
      create table parts (user_id text primary key, par text) partition by list (user_id);
      create table parts_1 partition of parts for values in ('1');
      insert into parts values ('1', 'p')`);
    for (const name of ['v', 'm']) {
      const { cells } = await readWhole(await world.open({ table: name }));
      expect(cells).toEqual([
        ['9999999999999999991', PAR],
        ['9999999999999999992', PAR],
      ]);
    }
    expect((await readWhole(await world.open({ table: 'parts' }))).cells).toEqual([['1', 'p']]);
  });

  test('names with upper case, quotes, points and Hangul are found as they are written', async () => {
    await using world =
      await setup(`create table "Odd ""T"".x" ("회원번호" text, "Card PAR" text, "K""1" int primary key);
      insert into "Odd ""T"".x" values ('u', 'p', 7)`);
    const columns = { userId: '회원번호', par: 'Card PAR' };
    const table = await world.open({ table: `${world.schema}."Odd ""T"".x"`, columns });
    expect(table.header).toEqual(['K"1', '회원번호', 'Card PAR']);
    expect((await readWhole(table)).cells).toEqual([['7', 'u', 'p']]);
    expect(await failureOf(world.open({ table: 'odd' }))).toMatchObject({ code: 'SOURCE_QUERY' });
  });

  test('a column that was dropped is none', async () => {
    await using world = await setup(
      `create table t (user_id text, x text, par text); alter table t drop column x`,
    );
    expect(await world.open({ table: 't' })).toMatchObject({ header: ['user_id', 'par'] });
  });
});

describe.skipIf(serverEngine.missing)('what a query gives (server Postgres)', () => {
  test('all its columns, in its own order, numbered from 1', async () => {
    await using world = await setup(members);
    const query = `-- members; of the year
      with chosen as (select * from members where id in (1, 2, 3))
      select name, user_id, par, ';' as semicolon from chosen order by id desc; /* ; */ -- end`;
    const table = await world.open({ query });
    expect(table.name).toBe(`query on ${world.place}`);
    expect(table.header).toEqual(['name', 'user_id', 'par', 'semicolon']);
    const { records } = await readWhole(table);
    expect(records.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [1, 'n3'],
      [2, 'n2'],
      [3, 'n1'],
    ]);
  });

  test.each([
    [`values ('u', 'p')`, { userId: 'column1', par: 'column2' }],
    [`table pairs`, { userId: null, par: null }],
    [`(select 'u' as user_id, 'p' as par) union all select 'u', 'p' limit 1`, { userId: null, par: null }],
  ])('%s is a list', async (query, columns) => {
    await using world = await setup(`create table pairs as select 'u' as user_id, 'p' as par`);
    expect((await readWhole(await world.open({ query, columns }))).cells).toEqual([['u', 'p']]);
  });

  test('no rows are no sets, and a whole reading', async () => {
    await using world = await setup(members);
    const table = await world.open({ query: 'select user_id, par from members where false' });
    expect(await readWhole(table)).toMatchObject({ sets: [], totals: { records: 0, blankLines: 0 } });
  });

  test('every type as the server prints it, never as a number; null is empty, an empty row a row', async () => {
    await using world = await setup();
    const query = `select 1234567890123456789::numeric(19) as user_id, 9223372036854775807::bigint as par,
        '0012345678901234567'::text as t, 1.10::numeric as n, 0.1::double precision as d, true as b,
        '00000000-0000-0000-0000-00000000000A'::uuid as u, timestamptz '2026-01-02 03:04:05.678901+09' as z,
        date '2026-01-02' as day, '\\xdeadbeef'::bytea as x, '{"a": 12345678901234567890}'::jsonb as j,
        array[9007199254740993, null] as a, null::text as nothing, e' 가\\n\\t"😀 ' as s
      union all select null, null, '', null, null, null, null, null, null, null, null, null, null, null`;
    const url = withOptions(world, '-c TimeZone=UTC -c DateStyle=SQL,DMY');
    const { cells, totals } = await readWhole(await world.open({ url, query }));
    expect(totals.records).toBe(2);
    expect(cells[0]).toEqual([
      '1234567890123456789',
      '9223372036854775807',
      '0012345678901234567',
      '1.10',
      '0.1',
      't',
      '00000000-0000-0000-0000-00000000000a',
      '2026-01-01 18:04:05.678901+00',
      '2026-01-02',
      '\\xdeadbeef',
      '{"a": 12345678901234567890}',
      '{9007199254740993,NULL}',
      '',
      ' 가\n\t"😀 ',
    ]);
    expect(cells[1]).toEqual(Array.from({ length: 14 }, () => ''));
  });
});

describe.skipIf(serverEngine.missing)('the hash of a list (server Postgres)', () => {
  test('is the same for the same rows, of a table or a query, and another for one cell or name', async () => {
    await using world = await setup(members);
    const table = await world.open({ table: 'members' });
    const query = 'select id, user_id::varchar as user_id, par from members order by id';
    const { sha256 } = await readWhole(table);
    expect((await readWhole(table)).sha256).toBe(sha256);
    expect((await readWhole(await world.open({ query }))).sha256).toBe(sha256);
    const renamed = await world.open({ query: query.replace('select id', 'select id as no') });
    expect((await readWhole(renamed)).sha256).not.toBe(sha256);
    const reversed = await world.open({ query: `${query} desc` });
    expect((await readWhole(reversed)).sha256).not.toBe(sha256);
    await world.admin.query(`update members set par = par || ' ' where id = 4500`);
    expect((await readWhole(table)).sha256).not.toBe(sha256);
  });
});

describe.skipIf(serverEngine.missing)('a reading (server Postgres)', () => {
  test('sees one state of the database, whatever is changed meanwhile', async () => {
    await using world = await setup(members);
    const reading = startReading(await world.open({ table: 'members' }));
    await reading.next();
    await world.admin.query(`update members set par = 'changed'; delete from members where id > 4000`);
    const rest = [...((await reading.next()).value as []), ...((await reading.next()).value as [])];
    expect(rest).toHaveLength(2500);
    expect(rest.at(-1)).toEqual({ line: 4500, cells: ['4500', '9999999999999994500', PAR] });
    expect(await reading.next()).toEqual({ done: true, value: { records: 4500, blankLines: 0 } });
  });

  test('asks for the next rows only when they are wanted, and holds two pages at most', async () => {
    await using world = await setup();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const query = `select g::text as user_id, '${PAR}' as par from generate_series(1, 200000) g`;
    const pages: WeakRef<object>[] = [];
    const alive: number[] = [];
    let rows = 0;
    for await (const page of startReading(await world.open({ query }))) {
      rows += page.length;
      pages.push(new WeakRef(page));
      if (pages.length % 10 !== 0) continue;
      // A reference taken in this turn would hold its page; the answer of the other connection is another turn.
      await world.admin.query('select 1');
      collect();
      alive.push(pages.filter((held) => held.deref() !== undefined).length);
    }
    expect(rows).toBe(200_000);
    expect(alive).toHaveLength(10);
    expect(Math.max(...alive)).toBeLessThanOrEqual(2);
    expect(Math.min(...alive)).toBeGreaterThanOrEqual(1);
  });

  test('is quiet between two pages: nothing is asked for ahead', async () => {
    await using world = await setup(members);
    const reading = startReading(await world.open({ table: 'members' }));
    await reading.next();
    const { rows } = await world.admin.query(
      `select a.application_name, a.state from pg_locks l join pg_stat_activity a using (pid)
        where l.relation = 'members'::regclass and a.pid <> pg_backend_pid()`,
    );
    expect(rows).toEqual([{ application_name: 'kona-enroll', state: 'idle in transaction' }]);
    await reading.return({ records: 0, blankLines: 0 });
  });

  test('reads only, sees one state, has its time for a statement and any time between two', async () => {
    await using world = await setup();
    const names = [
      'transaction_read_only',
      'transaction_isolation',
      'statement_timeout',
      'idle_in_transaction_session_timeout',
      'client_encoding',
      'DateStyle',
    ];
    const query = `select ${names.map((name) => `current_setting('${name}') as "${name}"`).join(', ')}, 'u' as user_id, 'p' as par`;
    const others =
      '-c statement_timeout=1s -c idle_in_transaction_session_timeout=1s -c DateStyle=German,DMY';
    const table = await world.open({ url: withOptions(world, others), query, statementTimeoutMs: 7_654 });
    expect((await readWhole(table)).cells[0]?.slice(0, names.length)).toEqual([
      'on',
      'repeatable read',
      '7654ms',
      '0',
      'UTF8',
      'ISO, DMY',
    ]);
  });

  test.each(['return', 'throw'] as const)('that ends by %s lets the table go', async (way) => {
    await using world = await setup(members);
    const table = await world.open({ table: 'members' });
    const reading = startReading(table);
    await reading.next();
    expect(await tryLock(world, 'members')).toBe('55P03');
    const end =
      way === 'return' ? reading.return({ records: 0, blankLines: 0 }) : reading.throw(new Error('x'));
    await end.catch(() => undefined);
    await waitUntilUnread(world, 'members');
    await readWhole(table);
    await waitUntilUnread(world, 'members');
  });

  test('opening lets the table go, also where the list is refused', async () => {
    await using world = await setup(members);
    await world.open({ table: 'members' });
    await waitUntilUnread(world, 'members');
    const refusal = await failureOf(world.open({ query: 'select id from members' }));
    expect(refusal).toMatchObject({ code: 'LIST_REFUSED' });
    await waitUntilUnread(world, 'members');
  });
});
