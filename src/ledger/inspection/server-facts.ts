import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** Facts about the server and the session that our statements will have. */
export interface ServerFacts {
  /** For example 150020. */
  readonly versionNumber: number;
  readonly database: string;
  readonly role: string;
  readonly schema: string;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
  readonly statementTimeout: string;
  readonly idleTimeout: string;
  readonly statementTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly freeConnections: number;
  readonly mayUseTemporary: boolean;
  readonly mayCreate: boolean;
  readonly at: Date;
}

/** Oldest major version on which the migrations are tested. */
const OLDEST_SERVER = 15;
/** Connections of one process: a pool, the job's lock, and the questions before the start. */
const CONNECTIONS_NEEDED = 8;
/** Staging and proving a million rows takes statements of minutes. */
const SHORT_STATEMENT_MS = 10 * 60_000;
/** Between two statements of a transaction we read a list or write a file. */
const SHORT_IDLE_MS = 60_000;

/** Durations are in milliseconds in pg_settings. */
const FACTS = `
select current_setting('server_version_num')::integer as "versionNumber", current_database() as database,
       current_user as role, coalesce(current_schema(), '') as schema, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as "fullPageWrites",
       current_setting('synchronous_commit') as "synchronousCommit",
       current_setting('statement_timeout') as "statementTimeout",
       current_setting('idle_in_transaction_session_timeout') as "idleTimeout",
       (select setting::integer from pg_settings where name = 'statement_timeout') as "statementTimeoutMs",
       (select setting::integer from pg_settings where name = 'idle_in_transaction_session_timeout') as "idleTimeoutMs",
       least(
         current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
           - (select count(*)::integer from pg_stat_activity where backend_type = 'client backend'),
         (select case when rolconnlimit < 0 then 1000000 else rolconnlimit end
            - (select count(*)::integer from pg_stat_activity where usename = current_user)
          from pg_roles where rolname = current_user)
       ) as "freeConnections",
       has_database_privilege(current_database(), 'TEMPORARY') as "mayUseTemporary",
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "mayCreate",
       clock_timestamp() as at`;

export async function readServerFacts(on: Queryable): Promise<ServerFacts> {
  return onlyRow(await on.query<ServerFacts>(FACTS));
}

export function judgeServer(facts: ServerFacts): Finding[] {
  const { versionNumber, database, role, schema } = facts;
  const major = Math.floor(versionNumber / 10_000);
  const place = `PostgreSQL ${major}, database ${database}, schema ${schema}, role ${role}`;
  return [
    major < OLDEST_SERVER
      ? fault('ledger', place, `take PostgreSQL ${OLDEST_SERVER} or newer`)
      : fine('ledger', place),
    judgeDurability(facts),
    ...judgeSession(facts),
  ];
}

function judgeDurability({ fsync, fullPageWrites, synchronousCommit }: ServerFacts): Finding {
  const about = 'ledger durability';
  const off = [
    ...(fsync === 'off' ? ['fsync'] : []),
    ...(fullPageWrites === 'off' ? ['full_page_writes'] : []),
    ...(synchronousCommit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length === 0) return fine(about, 'commits are on disk before they count');
  return doubt(
    about,
    `${off.join(', ')} off: a power cut can lose commits or the ledger, so that calls are made again`,
    `set ${off.map((name) => `${name} = on`).join(', ')} for the ledger’s database`,
  );
}

function judgeSession(facts: ServerFacts): Finding[] {
  const about = 'ledger session';
  const { statementTimeout, idleTimeout, statementTimeoutMs, idleTimeoutMs, freeConnections, role } = facts;
  const findings: Finding[] = [];
  if (statementTimeoutMs > 0 && statementTimeoutMs < SHORT_STATEMENT_MS) {
    findings.push(
      doubt(
        about,
        `statement_timeout is ${statementTimeout}: staging or proving a long list may be ended by it`,
        `alter role ${role} set statement_timeout = 0`,
      ),
    );
  }
  if (idleTimeoutMs > 0 && idleTimeoutMs < SHORT_IDLE_MS) {
    findings.push(
      doubt(
        about,
        `idle_in_transaction_session_timeout is ${idleTimeout}: a slow list may be ended by it`,
        `alter role ${role} set idle_in_transaction_session_timeout = 0`,
      ),
    );
  }
  if (freeConnections < CONNECTIONS_NEEDED) {
    findings.push(
      doubt(
        about,
        `${Math.max(0, freeConnections)} connections are free for the role, and a run takes up to ${CONNECTIONS_NEEDED}`,
        'raise max_connections or the role’s limit, or end what holds them',
      ),
    );
  }
  return findings;
}
