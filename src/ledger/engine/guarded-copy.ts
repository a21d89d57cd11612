import type pg from 'pg';
import type { Statement } from '../ledger-port.ts';
import { parameterText } from './server-statement.ts';

/** Messages of the protocol: a type, and a length that counts itself. */
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const COPY_FAIL_WITHOUT_WORDS = Buffer.from([0x66, 0, 0, 0, 5, 0]);
const LENGTH_BYTES = 4;

/**
 * A guard and a COPY before one sync, which the server makes one transaction of. The server answers twice, where begin,
 * guard, copy, its lines and commit had six answers, each of which waits until this process has read a piece of the
 * list: that the guard gave a row and the copy takes lines, and that they are committed.
 */
export class GuardedCopy implements pg.Submittable {
  private readonly into: string;
  private readonly lines: readonly Buffer[];
  private readonly guard: Statement;
  private readonly written = Promise.withResolvers<boolean>();
  private isHeld = false;
  private isRefused = false;
  private isSynced = false;

  constructor(into: string, lines: readonly Buffer[], guard: Statement) {
    this.into = into;
    this.lines = lines;
    this.guard = guard;
  }

  /** True once the lines are committed; false where the guard gave no row, and nothing was written. */
  get done(): Promise<boolean> {
    return this.written.promise;
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    stream.cork();
    execute(connection, this.guard);
    execute(connection, { sql: `copy ${this.into} from stdin`, parameters: [] });
    connection.flush();
    stream.uncork();
  }

  handleDataRow(): void {
    this.isHeld = true;
  }

  handleCopyInResponse(connection: pg.Connection): void {
    const { stream } = connection;
    this.isRefused = !this.isHeld;
    stream.cork();
    if (this.isRefused) {
      stream.write(COPY_FAIL_WITHOUT_WORDS);
    } else {
      for (const lines of this.lines) {
        stream.write(headOf(lines));
        stream.write(lines);
      }
      stream.write(COPY_DONE);
    }
    this.sync(connection);
    stream.uncork();
  }

  handleCommandComplete(): void {
    // Nothing is committed before the server is ready again.
  }

  handleReadyForQuery(): void {
    this.written.resolve(true);
  }

  /** The server skips everything up to the sync, and is ready again after it. */
  handleError(error: Error, connection: pg.Connection): void {
    if (connection.stream.writable) this.sync(connection);
    if (this.isRefused) this.written.resolve(false);
    else this.written.reject(error);
  }

  private sync(connection: pg.Connection): void {
    if (!this.isSynced) connection.sync();
    this.isSynced = true;
  }
}

function execute(connection: pg.Connection, { sql, parameters }: Statement): void {
  const more = true;
  connection.parse({ name: '', text: sql, types: [] }, more);
  connection.bind({ values: parameters.map(parameterText) }, more);
  connection.execute(null, more);
}

function headOf(lines: Buffer): Buffer {
  const head = Buffer.allocUnsafe(1 + LENGTH_BYTES);
  head.writeUInt8(COPY_DATA);
  head.writeUInt32BE(LENGTH_BYTES + lines.length, 1);
  return head;
}
