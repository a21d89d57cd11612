import pg from 'pg';
import { explainSourceFailure, type SourceQuestion } from './postgres-refusal.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/** Extra time before we end a silent connection: the server ends its statements by itself earlier. */
const SILENCE_MS = 5_000;
/** The longest delay a timer of Node can hold. */
const LONGEST_TIMER_MS = 2_147_483_647;

const BEGIN = 'begin transaction isolation level repeatable read read only';
/**
 * Set for this transaction only. The server must not disconnect a reader that waits for the ledger between two pages.
 */
const SETTINGS = `
  select set_config('statement_timeout', $1, true),
         set_config('idle_in_transaction_session_timeout', '0', true),
         set_config('client_encoding', 'UTF8', true),
         set_config('DateStyle', 'ISO', true)`;
const DECLARE = 'declare kona_enroll_list no scroll cursor without hold for ';
const DESCRIBE = 'fetch forward 0 from kona_enroll_list';

export interface SourceAccess {
  readonly url: string;
  readonly urlFrom: string;
  readonly statementTimeoutMs: number;
  readonly subject: SourceQuestion['subject'];
}

export interface SourceField {
  readonly name: string;
  /** Object id of the column's type; of a domain, that of the type below it. */
  readonly typeId: number;
}

export interface SourcePage {
  /** Cells as the server prints them; null becomes an empty cell. */
  readonly rows: readonly (readonly string[])[];
  /** Rows of this page, by the server's own count. */
  readonly count: number;
}

/**
 * One connection with one transaction, which only reads and sees one state of the database. Every failure throws
 * SourceUnavailableError or SourceQueryError; once the signal is aborted, its reason is thrown and the connection is
 * closed.
 */
export interface SourceSession {
  /** Host and name of the database. */
  readonly place: string;
  ask(text: string, values: readonly string[]): Promise<SourcePage>;
  /**
   * Declares the list's statement as a cursor and returns its columns; no row is computed. The server's own parser
   * ensures that it is one statement that a cursor can have, so that nothing else is executed.
   */
  declare(statement: string): Promise<readonly SourceField[]>;
  /** Returns at most `rows` further rows of the cursor; none at the end. */
  fetch(rows: number): Promise<SourcePage>;
  /** Closes the connection. Never throws. */
  close(): Promise<void>;
}

/** With `extended`, the server takes one statement at a time. @types/pg lacks this option. */
interface ExtendedQuery extends pg.QueryArrayConfig {
  readonly queryMode: 'extended';
}

export async function openSourceSession(access: SourceAccess, signal?: AbortSignal): Promise<SourceSession> {
  signal?.throwIfAborted();
  const { subject, urlFrom } = access;
  const client = createClient(access);
  const place = `${client.host}/${client.database ?? ''}`;
  let broken: unknown;
  // An error between statements is kept, because it says more than the next statement's failure.
  client.on('error', (error) => (broken ??= error));
  const breakOff = (): void => {
    client.connection.stream.destroy();
  };
  signal?.addEventListener('abort', breakOff, { once: true });

  const attempt = async <Result>(step: SourceQuestion['step'], work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      const cause = error instanceof pg.DatabaseError ? error : (broken ?? error);
      throw explainSourceFailure(cause, { place, urlFrom, subject, step });
    }
  };
  const run = async (
    step: SourceQuestion['step'],
    text: string,
    values: readonly string[] = [],
  ): Promise<pg.QueryArrayResult<(string | null)[]>> => {
    const query: ExtendedQuery = { text, values: [...values], rowMode: 'array', queryMode: 'extended' };
    return await attempt(step, client.query<(string | null)[]>(query));
  };
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', breakOff);
    await closeClient(client);
  };

  try {
    await attempt('connect', client.connect());
    await run('connect', BEGIN);
    await run('connect', SETTINGS, [String(access.statementTimeoutMs)]);
    return {
      place,
      ask: async (text, values) => toPage(await run('read', text, values)),
      declare: async (statement) => {
        await run('declare', DECLARE + statement);
        const { fields } = await run('read', DESCRIBE);
        return fields.map((field) => ({ name: field.name, typeId: field.dataTypeID }));
      },
      fetch: async (rows) => toPage(await run('read', `fetch forward ${rows} from kona_enroll_list`)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Creates a client that is not connected yet. The URL's sslmode decides about TLS, as pg reads it. */
function createClient({ url, urlFrom, statementTimeoutMs, subject }: SourceAccess): pg.Client {
  try {
    return new pg.Client({
      connectionString: url,
      application_name: 'kona-enroll',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      query_timeout: Math.min(statementTimeoutMs + SILENCE_MS, LONGEST_TIMER_MS),
      types: { getTypeParser: () => keepText },
    });
  } catch (error) {
    // The URL names a certificate file that does not exist, or an impossible port.
    throw explainSourceFailure(error, { place: null, urlFrom, subject, step: 'connect' });
  }
}

function keepText(text: string): string {
  return text;
}

function toPage(result: pg.QueryArrayResult<(string | null)[]>): SourcePage {
  return {
    rows: result.rows.map((row) => row.map((cell) => cell ?? '')),
    count: result.rowCount ?? 0,
  };
}

/** Ends the session without saving anything. If a statement is still running, pg breaks the connection. */
async function closeClient(client: pg.Client): Promise<void> {
  const { stream } = client.connection;
  // Send the goodbye before closing the socket; do not wait, because a silent server never answers it.
  stream.once('finish', () => stream.destroy());
  await client.end().catch(() => undefined);
}
