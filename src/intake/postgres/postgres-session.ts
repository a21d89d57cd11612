import pg from 'pg';
import { explainSourceFailure, type SourceQuestion } from './postgres-refusal.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/** The server ends a statement by itself first; only one that fell silent is left to us. */
const SILENCE_MS = 5_000;
/** What a timer of Node can hold. */
const LONGEST_TIMER_MS = 2_147_483_647;

const BEGIN = 'begin transaction isolation level repeatable read read only';
/** For this transaction only. A reader that waits for the ledger between two pages is not to be thrown out. */
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
  /** Object id of its type, of a domain that of the type below it. */
  readonly typeId: number;
}

export interface SourcePage {
  /** Cells as the server prints them; null is empty. */
  readonly rows: readonly (readonly string[])[];
  /** Rows of this page by the server's own count. */
  readonly count: number;
}

/**
 * One connection with one transaction, which reads only and sees one state of the database. Whatever fails throws
 * SourceUnavailableError or SourceQueryError; once the signal is aborted, its reason, and the connection is gone.
 */
export interface SourceSession {
  /** Host and name of the database. */
  readonly place: string;
  ask(text: string, values: readonly string[]): Promise<SourcePage>;
  /**
   * Puts the list's statement to the server as a cursor, and gives its columns; no row is computed. The server's own
   * parser sees to it that this is one statement that can be a cursor's: nothing else is executed.
   */
  declare(statement: string): Promise<readonly SourceField[]>;
  /** The next rows of the cursor, at most so many; none: the end. */
  fetch(rows: number): Promise<SourcePage>;
  /** Never throws. */
  close(): Promise<void>;
}

/** With `extended`, the server takes one statement at a time. @types/pg doesn't know it. */
interface ExtendedQuery extends pg.QueryArrayConfig {
  readonly queryMode: 'extended';
}

export async function openSourceSession(access: SourceAccess, signal?: AbortSignal): Promise<SourceSession> {
  signal?.throwIfAborted();
  const { subject, urlFrom } = access;
  const client = createClient(access);
  const place = `${client.host}/${client.database ?? ''}`;
  let broken: unknown;
  // Also while nothing is under way: what ended the connection says more than the statement that finds it ended.
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

/** Nothing is connected yet. TLS by the URL's sslmode, as pg reads it. */
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
    // A certificate file of the URL that isn't there, or a port that is none.
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

/** The transaction has nothing to keep. With a statement under way, pg breaks the connection off. */
async function closeClient(client: pg.Client): Promise<void> {
  const { stream } = client.connection;
  // Our good-bye leaves before the socket goes; a server that fell silent would never answer it.
  stream.once('finish', () => stream.destroy());
  await client.end().catch(() => undefined);
}
