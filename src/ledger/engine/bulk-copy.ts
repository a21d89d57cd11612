import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { BulkCopy, Parameter, Statement } from '../ledger-port.ts';
import { GuardedCopy } from './guarded-copy.ts';
import { asLedgerError, runStatement, takeConnection } from './server-statement.ts';

/** Runs COPY on connections of the pool, one for each copy under way. */
export function createBulkCopy(pool: pg.Pool): BulkCopy {
  return {
    copyOut: (select, parameters) => copyOut(pool, select, parameters),
    copyIn: (into, lines, guard) => copyIn(pool, { into, lines, guard }),
  };
}

/**
 * COPY takes no parameters, so each becomes a setting of the transaction, which `copyParameter` reads. The answer may
 * take longer than a role's usual limit for a statement. A reader that stops before the end gives the connection up.
 */
async function* copyOut(
  pool: pg.Pool,
  select: string,
  parameters: readonly Parameter[],
): AsyncGenerator<readonly string[]> {
  const { client, release } = await takeConnection(pool);
  let isWhole = false;
  try {
    await runStatement(client, 'begin');
    await runStatement(client, SETTINGS, [parameters.map(String)]);
    yield* readLines(client.query(copyTo(`copy (${select}) to stdout`)));
    await runStatement(client, 'commit');
    isWhole = true;
  } catch (error) {
    throw asLedgerError(error);
  } finally {
    release(!isWhole);
  }
}

interface CopiedIn {
  readonly into: string;
  readonly lines: readonly Buffer[];
  readonly guard: Statement;
}

/** A copy that fails gives the connection up. */
async function copyIn(pool: pg.Pool, { into, lines, guard }: CopiedIn): Promise<boolean> {
  const { client, release } = await takeConnection(pool);
  let isWhole = false;
  try {
    const isWritten = await client.query(new GuardedCopy(into, lines, guard)).done;
    isWhole = true;
    return isWritten;
  } catch (error) {
    throw asLedgerError(error);
  } finally {
    release(!isWhole);
  }
}

const SETTINGS = `
select set_config('statement_timeout', '0', true), set_config('kona.parameter_' || number, value, true)
from unnest($1::text[]) with ordinality as given(value, number)`;

/** Yields the whole lines of each piece of the answer. */
async function* readLines(answer: NodeJS.ReadableStream): AsyncGenerator<readonly string[]> {
  // Also after the reader has gone.
  answer.on('error', ignoreError);
  // Five times as fast as setEncoding, whose decoder turns one character after the other into UTF-16.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const bytes of answer as AsyncIterable<Buffer>) {
    const lines = decoder.decode(bytes, { stream: true }).split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
}

function ignoreError(): void {
  // The copy under way rejects with the same cause.
}
