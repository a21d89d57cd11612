import { randomBytes } from 'node:crypto';
import { runSql } from '../support/run-sql.ts';

/** Does `work` with a ledger that nobody else has and that is gone afterwards: a schema of its own. */
export async function withBenchLedger<Result>(
  databaseUrl: string,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const schema = `b_${randomBytes(4).toString('hex')}`;
  await runSql(databaseUrl, `create schema ${schema}`);
  try {
    const url = new URL(databaseUrl);
    url.searchParams.set('options', `-c search_path=${schema}`);
    return await work(url.href);
  } finally {
    await runSql(databaseUrl, `drop schema ${schema} cascade`);
  }
}
