/** Values for `$n`. Times go as ISO text and ids as text; a number is always a count, a row or a status. */
export type Parameter = string | number | boolean | null | readonly (string | number | boolean | null)[];

/**
 * Takes a statement and gives rows, with the same types on server Postgres and on the embedded engine:
 * int4 and float4 are numbers, int8 and numeric text, timestamptz a Date, text[] an array, jsonb parsed.
 */
export interface Queryable {
  query<Row extends object>(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>;
}

/** COPY, which only a server has: for so many rows that statements for sets of them would be slow. */
export interface BulkCopy {
  /**
   * Yields the rows of a select in COPY's text form, one a line, in pieces as they come, under one snapshot. The select
   * has `copyParameter` of copy-text.ts in place of `$n`. Rejects with LedgerError, in the middle where the
   * connection breaks.
   */
  copyOut(select: string, parameters: readonly Parameter[]): AsyncGenerator<readonly string[]>;
  /**
   * Writes lines in COPY's text form, in pieces of whole lines, into columns of a table. `guard` is a statement of the same transaction: where it
   * gives no row, nothing is written and this resolves with false. Rejects with LedgerError; the rows may be committed
   * all the same where the connection broke.
   */
  copyIn(into: string, lines: readonly Buffer[], guard: Statement): Promise<boolean>;
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** A ledger from which all rows of a run can be read, and into which the rows of a list can be written. */
export type RowSource = Pick<Ledger, 'query' | 'bulk'>;

/** The ledger's database, whichever engine it runs on. Calls reject with LedgerError only. */
export interface Ledger extends Queryable {
  /** Null where the engine has no COPY. */
  readonly bulk: BulkCopy | null;
  readonly engine: 'server' | 'embedded';
  /**
   * Identifies the folder of an embedded ledger, so that a copy of its files differs; null: a server identifies itself.
   */
  readonly folderIdentity: string | null;
  /** Commits when `work` resolves, rolls back when it rejects. Not to be nested. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export type LedgerErrorCode =
  /** There is no connection, or it broke: whether the statement under way was done is unknown. */
  | 'LEDGER_UNAVAILABLE'
  /** Another process has the embedded ledger open. */
  | 'LEDGER_HELD'
  /** The database was written by a newer version of the program. */
  | 'LEDGER_NEWER'
  /** The folder or the engine's files are not what we can open. */
  | 'LEDGER_UNUSABLE'
  /** The database refused the statement. */
  | 'LEDGER_STATEMENT'
  /** The database ended the statement because it and another waited for each other; nothing of it was done. */
  | 'LEDGER_DEADLOCK';

export class LedgerError extends Error {
  readonly code: LedgerErrorCode;
  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LedgerError';
    this.code = code;
  }
}

export function isUnavailable(error: unknown): error is LedgerError {
  return error instanceof LedgerError && error.code === 'LEDGER_UNAVAILABLE';
}

/** Another process has taken the run over. This one must stop and change nothing more. */
export class OvertakenError extends Error {
  readonly code = 'OVERTAKEN';
  constructor() {
    super('another process has taken this run over');
    this.name = 'OvertakenError';
  }
}

/** The right to write for a run. Every write names both, and changes nothing once the epoch was raised. */
export interface RunFence {
  readonly runNo: number;
  /** int8 as text. */
  readonly epoch: string;
}

/**
 * Runs a transaction in which the run can't be overtaken: raising the epoch waits for its end. Rejects with
 * OvertakenError where the epoch was raised before.
 */
export async function fencedTransaction<Result>(
  ledger: Ledger,
  fence: RunFence,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  return await ledger.transaction(async (transaction) => {
    const held = await transaction.query(
      'select 1 as held from run where run_no = $1 and epoch = $2 for share',
      [fence.runNo, fence.epoch],
    );
    if (held.length === 0) throw new OvertakenError();
    return await work(transaction);
  });
}

/** Returns the row of a statement that always gives exactly one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new LedgerError('LEDGER_STATEMENT', `expected one row, got ${rows.length}`);
  }
  return row;
}
