import { protocol, types, type PGlite } from '@electric-sql/pglite';
import type { Parameter } from '../ledger-port.ts';

/** A text is prepared when it comes for this time. A text that a run uses once or twice needs no kept plan. */
const PREPARED_FROM = 8;
/**
 * A kept plan is made anew after so many uses. Only an ANALYZE would tell the engine that a table has grown meanwhile,
 * and PGlite has no autovacuum that runs one.
 */
const USES_OF_A_PLAN = 200;

interface Statement {
  readonly name: string;
  uses: number;
  /** Null until it is prepared. */
  prepared: Prepared | null;
}

interface Prepared {
  readonly parameterTypes: readonly number[];
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  usesLeft: number;
}

/**
 * Statements that come again and again, kept by the engine with their plans: PGlite's own `query` reads and plans a
 * text each time, which for a set of outcomes takes 6 of 7 parts of its CPU. Nobody else may use the engine meanwhile.
 */
export class PreparedStatements {
  private readonly engine: PGlite;
  private readonly statements = new Map<string, Statement>();

  constructor(engine: PGlite) {
    this.engine = engine;
  }

  /**
   * Resolves with null where the text has not come often enough to be prepared. Rejects with the engine's own errors.
   */
  async query<Row extends object>(sql: string, parameters: readonly Parameter[]): Promise<Row[] | null> {
    if (parameters.length === 0) return null;
    const statement = this.statementOf(sql);
    if (statement.uses < PREPARED_FROM) return null;
    if (statement.prepared === null || statement.prepared.usesLeft === 0) await this.prepare(statement, sql);
    return statement.prepared === null
      ? null
      : await this.execute<Row>(statement.name, statement.prepared, parameters);
  }

  private statementOf(sql: string): Statement {
    const statement = this.statements.get(sql) ?? {
      name: `kona_${this.statements.size}`,
      uses: 0,
      prepared: null,
    };
    statement.uses += 1;
    this.statements.set(sql, statement);
    return statement;
  }

  private async prepare(statement: Statement, sql: string): Promise<void> {
    const { name } = statement;
    statement.prepared = null;
    const { messages } = await this.send([
      protocol.serialize.close({ type: 'S', name }),
      protocol.serialize.parse({ name, text: sql }),
      protocol.serialize.describe({ type: 'S', name }),
    ]);
    const found: { parameterTypes: readonly number[]; fields: Prepared['fields'] } = {
      parameterTypes: [],
      fields: [],
    };
    for (const message of messages) {
      if (message instanceof protocol.messages.ParameterDescriptionMessage)
        found.parameterTypes = message.dataTypeIDs;
      if (message instanceof protocol.messages.RowDescriptionMessage) found.fields = message.fields;
    }
    statement.prepared = { ...found, usesLeft: USES_OF_A_PLAN };
  }

  private async execute<Row extends object>(
    statement: string,
    prepared: Prepared,
    parameters: readonly Parameter[],
  ): Promise<Row[]> {
    prepared.usesLeft -= 1;
    const values = parameters.map((value, at) =>
      this.textOf(value, prepared.parameterTypes[at] ?? types.TEXT),
    );
    const { messages } = await this.send([
      protocol.serialize.bind({ statement, values }),
      protocol.serialize.execute({}),
    ]);
    const rows: object[] = [];
    for (const message of messages) {
      if (message instanceof protocol.messages.DataRowMessage)
        rows.push(this.readRow(message.fields, prepared.fields));
    }
    // The rows are those the statement asks for; whoever wrote it says which they are.
    return rows as Row[];
  }

  private textOf(value: Parameter, type: number): string | null {
    if (value === null) return null;
    return this.engine.serializers[type]?.(value) ?? String(value);
  }

  private readRow(texts: readonly (string | null)[], fields: Prepared['fields']): object {
    return Object.fromEntries(
      fields.map(({ name, dataTypeID }, at): [string, unknown] => [
        name,
        types.parseType(texts[at] ?? null, dataTypeID, this.engine.parsers),
      ]),
    );
  }

  /** The messages and the end of their turn: after an error the engine skips what comes before that end. */
  private async send(messages: readonly Uint8Array[]): Promise<Awaited<ReturnType<PGlite['execProtocol']>>> {
    return await this.engine.execProtocol(Buffer.concat([...messages, protocol.serialize.sync()]));
  }
}
