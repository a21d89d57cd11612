/** What may stand for `$n`. Times go as ISO text, ids as text; a number is only ever a count, a row or a status. */
export type Parameter = string | number | boolean | null | readonly (string | number | boolean | null)[];

/**
 * A statement in, rows out, the same on server Postgres and on the embedded engine:
 * int4 and float4 are numbers, int8 and numeric text, timestamptz a Date, text[] an array, jsonb parsed.
 */
export interface Queryable {
  query<Row extends object>(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>;
}

/** Rows in numbers for which a set a statement is slow: COPY, on a server. */
export interface BulkCopy {
  /**
   * The rows of a select in COPY's text form, one a line, in pieces as they come, under one snapshot. `copyParameter` of
   * copy-text.ts stands in it for `$n`. Rejects with LedgerError; a connection that breaks ends it in the middle.
   */
  copyOut(select: string, parameters: readonly Parameter[]): AsyncGenerator<readonly string[]>;
  /**
   * Lines in COPY's text form into a table and its columns. `guard` is a statement of the same transaction that must give
   * a row, else nothing is written and it resolves with false. Rejects with LedgerError; what breaks may be committed.
   */
  copyIn(into: string, text: string, guard: Statement): Promise<boolean>;
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** A ledger from which all rows of a run can be read, and into which those of a list are put. */
export type RowSource = Pick<Ledger, 'query' | 'bulk'>;

/** The ledger's database, whichever engine it runs on. Calls reject with LedgerError only. */
export interface Ledger extends Queryable {
  /** Null: the engine has none. */
  readonly bulk: BulkCopy | null;
  readonly engine: 'server' | 'embedded';
  /** Which folder its files are in, so that no copy of them says the same; null: a server's, which says it itself. */
  readonly folderIdentity: string | null;
  /** Commits when `work` resolves, rolls back when it rejects. Not to be nested. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export type LedgerErrorCode =
  /** No connection, or it broke: nothing is known of the statement under way. */
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

/** Another process has taken the run over: this one must change nothing more and stop. */
export class OvertakenError extends Error {
  readonly code = 'OVERTAKEN';
  constructor() {
    super('another process has taken this run over');
    this.name = 'OvertakenError';
  }
}

/** The right to write for a run: every write names both, and finds nothing to change once the epoch was raised. */
export interface RunFence {
  readonly runNo: number;
  /** int8 as text. */
  readonly epoch: string;
}

/**
 * A transaction in which the run can't be overtaken: whoever raises the epoch waits for its end.
 * Rejects with OvertakenError when that has happened already.
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

/** The one row of a statement that always gives one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new LedgerError('LEDGER_STATEMENT', `expected one row, got ${rows.length}`);
  }
  return row;
}
