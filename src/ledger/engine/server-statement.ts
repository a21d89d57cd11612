import pg from 'pg';
import { messageOf } from '../../domain/error-words.ts';
import { arrayText } from './array-text.ts';
import { isUnavailable, LedgerError, type Parameter, type Queryable } from '../ledger-port.ts';

export async function runStatement<Row extends object>(
  on: pg.Pool | pg.ClientBase,
  sql: string,
  parameters: readonly Parameter[] = [],
  name?: string,
): Promise<Row[]> {
  try {
    const result = await on.query({ text: sql, values: parameters.map(parameterText), name });
    return result.rows as Row[];
  } catch (error) {
    throw asLedgerError(error);
  }
}

/** Returns a parameter in Postgres' text form. */
export function parameterText(value: Parameter): string | null {
  if (value === null) return null;
  return isArray(value) ? arrayText(value) : String(value);
}

function isArray(value: Parameter): value is Extract<Parameter, readonly unknown[]> {
  return Array.isArray(value);
}

/**
 * The server is gone: classes 08 (connection), 57P (shut down), 53 (resources), 28 and 3D (it is not the one we know),
 * 25006 (read-only: a standby, after a failover), 25P03 (it ended the connection of a transaction that lay idle), and
 * everything without an SQLSTATE; 55000: an administrator lets nobody into the database for now.
 */
const UNAVAILABLE = /^(08|57P|53|28|3D|25006|25P03|55000)/;

const DEADLOCK = '40P01';

export function asLedgerError(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const sqlState = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  const text = messageOf(error);
  if (sqlState === '' || UNAVAILABLE.test(sqlState)) {
    return new LedgerError('LEDGER_UNAVAILABLE', `the ledger's database is not available: ${text}`, {
      cause: error,
    });
  }
  return new LedgerError(
    sqlState === DEADLOCK ? 'LEDGER_DEADLOCK' : 'LEDGER_STATEMENT',
    `the ledger's database refused a statement (${sqlState}): ${text}`,
    {
      cause: error,
    },
  );
}

export async function runTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  const { client, release } = await takeConnection(pool);
  let broken: Error | undefined;
  try {
    await runStatement(client, 'begin');
    const transaction: Queryable = {
      query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
        await runStatement<Row>(client, sql, parameters),
    };
    const result = await work(transaction);
    await runStatement(client, 'commit');
    return result;
  } catch (error) {
    // A connection to a server that says it is not there (read-only after a failover, say) is not used again.
    if (isUnavailable(error)) broken = error;
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    release(broken);
  }
}

export interface TakenConnection {
  readonly client: pg.PoolClient;
  /** Gives it back to the pool; anything but false or undefined has it closed. */
  readonly release: (broken: Error | boolean | undefined) => void;
}

/** Takes a connection whose loss is told by the statement under way. Rejects with LedgerError. */
export async function takeConnection(pool: pg.Pool): Promise<TakenConnection> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asLedgerError(error);
  });
  client.on('error', ignoreError);
  return {
    client,
    release: (broken) => {
      client.removeListener('error', ignoreError);
      client.release(broken);
    },
  };
}

function ignoreError(): void {
  // The statement under way rejects with the same cause.
}
