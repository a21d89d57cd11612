import { describe, expect, test } from 'vitest';
import { serverEngine } from '../../support/ledgers.ts';
import { failureOf, readWhole, setup, type SourceWorld } from './postgres-world.ts';

const holder = `create table precious (user_id text, par text); insert into precious values ('u', 'p');
  create sequence counter;
  create function scribble() returns text language sql volatile as
    $$ insert into precious values ('x', 'x') returning user_id $$`;

/** Opening, and where that is no failure reading. */
async function openAndRead(world: SourceWorld, query: string): Promise<void> {
  await readWhole(await world.open({ query }));
}

async function stateOf(world: SourceWorld): Promise<unknown> {
  const { rows } = await world.admin.query<object>(
    `select p.user_id, p.par, c.is_called from precious p, counter c`,
  );
  return rows;
}

describe.skipIf(serverEngine.missing)('a query that is not one reading statement (server Postgres)', () => {
  test.each([
    ['two statements', `select user_id, par from precious; drop table precious`],
    ['two, the first of them harmful', `drop table precious; select user_id, par from precious`],
    ['two, with the cursor closed before', `select 1; commit; drop table precious`],
    ['a statement behind a comment', `select user_id, par from precious -- x\n; delete from precious`],
    ['an insert', `insert into precious values ('x', 'x') returning user_id, par`],
    ['a delete', `delete from precious returning user_id, par`],
    ['do', `do $$ begin delete from precious; end $$`],
    ['copy', `copy precious to stdout`],
    ['explain analyze', `explain analyze delete from precious`],
    [
      'an insert within with',
      `with x as (insert into precious values ('x', 'x') returning *) select * from x`,
    ],
    ['select into', `select user_id, par into other from precious`],
    ['nothing', ``],
    ['a comment', `-- nothing`],
    ['a comment that does not end', `select user_id, par from precious /* x`],
    ['a parameter', `select user_id, par from precious where user_id = $1`],
  ])('%s is refused when it is opened, and nothing was done', async (_, query) => {
    await using world = await setup(holder);
    const failure = await failureOf(world.open({ query }));
    expect(failure).toMatchObject({ name: 'SourceQueryError', code: 'SOURCE_QUERY' });
    expect(failure.message).toContain(`the source database ${world.place} refuses the query: `);
    expect(failure.message).toContain('; write one SELECT, VALUES, TABLE or WITH statement');
    expect(await stateOf(world)).toEqual([{ user_id: 'u', par: 'p', is_called: false }]);
  });

  test.each([
    ['a function that writes', `select scribble() as user_id, 'p' as par`],
    ['a sequence', `select nextval('counter')::text as user_id, 'p' as par`],
    ['rows locked for update', `select user_id, par from precious for update`],
    [
      'leave to write',
      `select set_config('transaction_read_only', 'off', false) as user_id, scribble() as par`,
    ],
  ])('%s is refused, and nothing was done', async (_, query) => {
    await using world = await setup(holder);
    expect(await failureOf(openAndRead(world, query))).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(await stateOf(world)).toEqual([{ user_id: 'u', par: 'p', is_called: false }]);
  });

  test('the same statements are what would write, were they let', async () => {
    await using world = await setup(holder);
    await world.admin.query(`select scribble(), nextval('counter')`);
    expect(await stateOf(world)).toEqual([
      { user_id: 'u', par: 'p', is_called: true },
      { user_id: 'x', par: 'x', is_called: true },
    ]);
  });

  test('a NUL character is refused: the server would not see what stands behind it', async () => {
    await using world = await setup(holder);
    const query = `select user_id, par from precious\0 where false`;
    expect(await failureOf(world.open({ query }))).toMatchObject({ code: 'SOURCE_QUERY' });
  });
});

describe.skipIf(serverEngine.missing)('what the server refuses (server Postgres)', () => {
  test.each([
    ['no such table', `select user_id, par from nowhere`, 'relation "nowhere" does not exist'],
    ['no such column', `select nothing from precious`, 'column "nothing" does not exist'],
    ['wrong SQL', `select from from precious where user_id = 'MARK'`, 'syntax error at or near "from"'],
    [
      'a wrong cast',
      `select user_id::bigint, par from precious`,
      'invalid input syntax for type bigint: "*"',
    ],
  ])('%s: its words, not the query', async (_, query, words) => {
    await using world = await setup(holder);
    const failure = await failureOf(openAndRead(world, query));
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(failure.message).toContain(words);
    expect(failure.message).not.toContain('MARK');
    expect(failure.message).not.toContain('declare');
  });

  test('a value it quotes is masked, however short, and in every part of the error', async () => {
    await using world = await setup(`create table t as
      select case g when 2500 then 'M1234567' else g::text end as id from generate_series(1, 3000) g`);
    const table = await world.open({ query: `select id::bigint as user_id, 'p' as par from t` });
    const failure = await failureOf(readWhole(table));
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY', cause: undefined });
    expect(failure.message).toContain(
      'invalid input syntax for type bigint: "******67" (SQLSTATE 22P02); correct the value',
    );
  });

  test('ids in the words of a function are masked', async () => {
    await using world = await setup(`create function f() returns text language plpgsql as
      $$ begin raise exception 'no member 1234567890123456789'; end $$`);
    const failure = await failureOf(openAndRead(world, `select f() as user_id, 'p' as par`));
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(failure.message).toContain('no member 12*************6789 (SQLSTATE P0001)');
  });

  test('a table that may not be read', async () => {
    await using world = await setup(holder);
    const role = `reader_${world.schema}`;
    await world.admin.query(`create role ${role} login; grant usage on schema ${world.schema} to ${role}`);
    const url = new URL(world.url);
    url.username = role;
    const failure = await failureOf(world.open({ url: url.href, table: 'precious' }));
    await world.admin.query(`drop owned by ${role}; drop role ${role}`);
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(failure.message).toBe(
      `the source database ${world.place} refuses the table: permission denied for table precious (SQLSTATE 42501); grant the URL's user SELECT on it.`,
    );
  });

  test.each([
    ['nowhere', 'relation "nowhere" does not exist'],
    ['nowhere.members', 'schema "nowhere" does not exist'],
    ['Precious', 'relation "Precious" does not exist'],
    ['precious; drop table precious', 'does not exist'],
    ['a.b.c', "cannot be a table's name"],
    ['', "cannot be a table's name"],
  ])('table %j', async (table, words) => {
    await using world = await setup(holder);
    const failure = await failureOf(world.open({ table }));
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(failure.message).toContain(words);
    expect(await stateOf(world)).toHaveLength(1);
  });
});

describe.skipIf(serverEngine.missing)('lists that are refused (server Postgres)', () => {
  test.each([
    [
      't',
      { userId: null, par: null },
      'column_missing',
      'no column has a known name for the PAR; headers seen: "id", "user_id"',
    ],
    [
      't',
      { userId: 'member', par: 'user_id' },
      'column_missing',
      'no column is named "member" for the user id',
    ],
    ['t', { userId: 'id', par: 'id' }, 'column_shared', '"id" is named for both'],
    [
      'two',
      { userId: null, par: null },
      'column_twice',
      '2 columns may be the user id: "user_id", "member_id"',
    ],
  ])('columns of table %s, wanted %j: %s', async (name, columns, reason, words) => {
    await using world = await setup(`create table t (id int primary key, user_id text);
      create table two (user_id text, member_id text, par text)`);
    for (const source of [{ table: name }, { query: `select * from ${name}` }]) {
      const failure = await failureOf(world.open({ ...source, columns }));
      expect(failure).toMatchObject({ name: 'ListRefusedError', reason, line: null });
      expect(failure.message).toContain(` on ${world.place}`);
      expect(failure.message).toContain(words);
    }
  });

  test('two columns of a query with one name', async () => {
    await using world = await setup();
    const query = `select 'a' as user_id, 'b' as par, 'c' as par`;
    expect(await failureOf(world.open({ query }))).toMatchObject({ reason: 'column_twice', column: 3 });
  });

  test.each([
    ['user_id', 'double precision', 15],
    ['par', 'real', 6],
    ['user_id', 'fraction', 15],
  ])('%s as %s has lost digits', async (column, type, digits) => {
    await using world = await setup(`create domain fraction as double precision;
      create table t (user_id numeric, par text, price double precision);
      alter table t alter ${column} type ${type} using null`);
    for (const source of [{ table: 't' }, { query: 'select * from t' }]) {
      const failure = await failureOf(world.open(source));
      expect(failure).toMatchObject({ name: 'ListRefusedError', reason: 'damaged', column });
      expect(failure.message).toContain(
        `which holds ${digits} digits; read the id from the system it came from`,
      );
    }
  });

  test('a fraction in another column is none of our business', async () => {
    await using world = await setup(`create table t (user_id numeric, par text, price double precision)`);
    expect((await world.open({ query: 'select * from t' })).header).toEqual(['user_id', 'par', 'price']);
  });

  test.each([
    ['a column was renamed', 'alter table t rename note to remark'],
    ['a column was added', 'alter table t add more text'],
    ['a column has another type', 'alter table t alter user_id type double precision using 1'],
  ])('%s between opening and reading', async (_, change) => {
    await using world = await setup(`create table t as select '1' as user_id, 'p' as par, '' as note`);
    const table = await world.open({ query: 'select * from t' });
    await world.admin.query(change);
    expect(await failureOf(readWhole(table))).toMatchObject({ name: 'ListRefusedError', reason: 'changed' });
  });
});

describe.skipIf(serverEngine.missing)('a database without an encoding (server Postgres)', () => {
  test('gives what is UTF-8; other bytes it refuses itself, so that none is read as something else', async () => {
    await using world = await setup();
    const name = `ascii_${world.schema}`;
    await world.admin.query(
      `create database ${name} template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'`,
    );
    const url = new URL(world.url);
    url.pathname = `/${name}`;
    const good = await world.open({ url: url.href, query: `select 'u' as user_id, '가' as par` });
    const { cells } = await readWhole(good);
    const other = await world.open({ url: url.href, query: `select 'u' as user_id, e'\\xb0\\xa1' as par` });
    const failure = await failureOf(readWhole(other));
    await world.admin.query(`drop database ${name} with (force)`);
    expect(cells).toEqual([['u', '가']]);
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY' });
    expect(failure.message).toContain('invalid byte sequence for encoding "UTF8"');
  });
});
