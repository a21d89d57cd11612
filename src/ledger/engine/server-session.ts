import pg from 'pg';
import { LedgerError, onlyRow, type Queryable } from '../ledger-port.ts';

/**
 * Settings that our statements and the reading of their answers rely on. Databases and roles may have other defaults,
 * so every new connection sets them; a pooler would refuse them among the start parameters. jit is off: compiling a
 * statement over a whole list took the server 1.2 s, and the statement itself 0.35 s.
 */
const SESSION = `select set_config(name, value, false) from (values
  ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('client_encoding', 'UTF8'),
  ('array_nulls', 'on'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('standard_conforming_strings', 'on'), ('jit', 'off'),
  ('default_transaction_isolation', 'read committed')) as relied_on(name, value)`;

export async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(SESSION);
}

interface ServerFacts {
  readonly database: string;
  readonly role: string;
  readonly schema: string | null;
  readonly searchPath: string;
  readonly encoding: string;
  readonly isReadOnly: boolean;
  readonly isStandby: boolean;
}

/** Rejects with LedgerError, in a sentence with what to do, where the database can't hold a ledger as it is. */
export async function assertServerFits(on: Queryable): Promise<void> {
  const facts = onlyRow(
    await on.query<ServerFacts>(
      `select current_database() as database, current_user as role, current_schema() as schema,
              current_setting('search_path') as "searchPath", current_setting('server_encoding') as encoding,
              current_setting('default_transaction_read_only') = 'on' as "isReadOnly", pg_is_in_recovery() as "isStandby"`,
    ),
  );
  const { database, role, schema, searchPath, encoding } = facts;
  if (facts.isStandby) {
    throw new LedgerError(
      'LEDGER_UNAVAILABLE',
      `the ledger's server is a standby and takes no writes: name the primary in the URL, or wait until it is promoted`,
    );
  }
  if (encoding !== 'UTF8') {
    throw unusable(
      `the database ${database} is kept in ${encoding}, which can't hold Korean names: make the ledger one in UTF-8 (createdb --encoding UTF8 --template template0 NAME) and name that`,
    );
  }
  if (facts.isReadOnly) {
    throw unusable(
      `the database ${database} is read-only for the role ${role}: as its owner, alter role ${role} in database ${database} set default_transaction_read_only = off`,
    );
  }
  if (schema === null) {
    throw unusable(
      `no schema that the role ${role} looks into (search_path ${searchPath}) is there in the database ${database}: create one of them, or alter role ${role} set search_path = SCHEMA`,
    );
  }
}

function unusable(sentence: string): LedgerError {
  return new LedgerError('LEDGER_UNUSABLE', sentence);
}

/** Which of two connections is asked for its backend, in turn. */
const TURNS = [0, 1, 0, 0, 1, 1, 0, 1] as const;

/** Says in one sentence what a person should know about a pooler that keeps sessions apart. */
const BEHIND_POOLER =
  "a pooler stands before the ledger's database, and nobody can see from here how it is set: it must give each connection a session of its own (pgbouncer: pool_mode = session), else two runs could take the same job";

/**
 * Rejects with LedgerError where a pooler gives each statement another session: advisory locks, prepared statements and
 * settings would be somebody else's. Two connections are asked in turn for their backend; each must keep its own.
 * Returns what is doubtful all the same: a pooler may have kept them apart by chance. It shows by the process it names
 * when a connection starts, which is none of the server's.
 */
export async function assertOwnSessions(settings: pg.ClientConfig): Promise<readonly string[]> {
  const clients = [new pg.Client(settings), new pg.Client(settings)] as const;
  try {
    for (const client of clients) {
      // The statement under way rejects with what breaks the connection.
      client.on('error', () => undefined);
      await client.connect();
    }
    const backends = [new Set<number>(), new Set<number>()] as const;
    for (const turn of TURNS) {
      const { rows } = await clients[turn].query<{ pid: number }>('select pg_backend_pid() as pid');
      for (const { pid } of rows) backends[turn].add(pid);
    }
    const [first, second] = backends;
    if (first.size === 1 && second.size === 1 && ![...first].some((pid) => second.has(pid))) {
      const named = clients.map((client) => processNamedBy(client));
      const isDirect = first.has(named[0] ?? 0) && second.has(named[1] ?? 0);
      return isDirect ? [] : [BEHIND_POOLER];
    }
    throw unusable(
      'the ledger needs sessions of its own, and a pooler in transaction mode stands before its database: name the server itself in the URL, or a pooler in session mode (pgbouncer: pool_mode = session)',
    );
  } finally {
    for (const client of clients) await client.end().catch(() => undefined);
  }
}

/** The backend's process by BackendKeyData, which pg keeps and its types leave out; 0: it named none. */
function processNamedBy(client: pg.Client): number {
  const { processID: named } = client as pg.Client & { readonly processID?: unknown };
  return typeof named === 'number' ? named : 0;
}

interface UnreachableServer {
  readonly code: string;
  readonly url: string;
}

/** Says what to do about a server that can't be reached as its URL says; null where the server's own words must do. */
export function adviceOn({ code, url }: UnreachableServer): string | null {
  const { hostname, port, pathname, username } = new URL(url);
  const server = `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}`;
  const role = username === '' ? 'that the URL names' : decodeURIComponent(username);
  if (pathname === '/pgbouncer') {
    return `pgbouncer at ${server} is a console of the pooler and no database: name the database of the ledger in the URL.`;
  }
  switch (code) {
    case '3D000':
      return `There is no database ${decodeURIComponent(pathname.slice(1))} on ${server}: create it (createdb), or correct the name.`;
    case '55000':
      return `The database ${decodeURIComponent(pathname.slice(1))} on ${server} lets nobody in for now (alter database … allow_connections): ask whoever runs it.`;
    case '28P01':
    case '28000':
      return `The server ${server} runs and does not let the role ${role} in: correct the role's name or its password in the URL; where the server names pg_hba.conf, ask whoever runs it to let this machine in.`;
    case '53300':
      return `All connections of the server ${server}, or of the role ${role}, are taken: end sessions that are not needed (select * from pg_stat_activity), or raise max_connections or the role's CONNECTION LIMIT.`;
    case '57P03':
      return `The server ${server} is starting, or stopping: wait until it takes connections.`;
    case '42501':
      return (
        `The role ${role} lacks rights in the schema of the ledger: as its owner, grant usage, create on schema SCHEMA to the role, ` +
        'or give it one of its own (create schema kona authorization ROLE; alter role ROLE set search_path = kona). Then start `kona-enroll migrate` once.'
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${hostname} leads to no machine: correct the host, or look into the name service.`;
    case 'ECONNREFUSED':
      return `Nothing listens on ${server}: start the server, or correct host and port.`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${server} does not answer: look into the network and its firewall, or correct host and port.`;
    case '08P01':
      return 'A pooler refuses what the URL asks for at the start: take its options out of the URL, and set them on the role (alter role … set search_path = …).';
    default:
      return null;
  }
}
