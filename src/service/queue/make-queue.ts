import { codeOf, messageOf } from '../../domain/error-words.ts';
import type { LedgerAddress, OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { LedgerError, onlyRow } from '../../ledger/ledger-port.ts';
import { createBoss, queueSchemaOf } from './open-boss.ts';

export interface MadeQueue {
  readonly schema: string;
  /** current: it existed already. refused: the role may not create it, which matters only to `serve`. */
  readonly kind: 'made' | 'current' | 'refused';
}

const NO_RIGHT = '42501';

/** Creates the queue in the ledger's database, or brings it up to date. Only the ledger's owner may call it. */
export async function makeQueue(ledger: OpenLedger, address: LedgerAddress): Promise<MadeQueue> {
  const schema = await queueSchemaOf(ledger);
  const { hasSchema, hasQueue } = onlyRow(
    await ledger.query<{ hasSchema: boolean; hasQueue: boolean }>(
      `select exists (select from pg_namespace where nspname = $1) as "hasSchema",
              exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where n.nspname = $1 and c.relname = 'version') as "hasQueue"`,
      [schema],
    ),
  );
  if (hasQueue && (await starts(ledger, address, { migrate: false })) === null)
    return { schema, kind: 'current' };
  // A statement that creates a schema needs a special right, even where the schema exists.
  const failure = await starts(ledger, address, { migrate: true, createSchema: !hasSchema });
  if (failure === null) return { schema, kind: 'made' };
  if (codeOf(failure) === NO_RIGHT) return { schema, kind: 'refused' };
  throw new LedgerError(
    'LEDGER_UNUSABLE',
    `the queue of serve could not be made in the schema ${schema}: ${messageOf(failure)}`,
    { cause: failure },
  );
}

/** Returns why the queue does not start; null: it does, and is stopped again. */
async function starts(
  ledger: OpenLedger,
  address: LedgerAddress,
  options: Parameters<typeof createBoss>[2],
): Promise<Error | null> {
  const boss = await createBoss(ledger, address, { supervise: false, ...options });
  // A failure is reported by the promise that rejects.
  boss.on('error', () => undefined);
  try {
    await boss.start();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await boss.stop({ graceful: false });
  }
}
