import { fromPglite, PgBoss, type ConstructorOptions } from 'pg-boss';
import type { OpenLedger, LedgerAddress } from '../../ledger/engine/open-ledger.ts';
import { connectionSettings } from '../../ledger/engine/server-ledger.ts';
import { onlyRow } from '../../ledger/ledger-port.ts';

/** In addition to the ledger's connections; requests are rare. */
const CONNECTIONS = 2;

/**
 * Creates pg-boss on the ledger's own database without starting it: on its own connections to a server, or through
 * the engine of an embedded ledger. Features that we do not need are off: it keeps no figures, takes no cron lines,
 * rebuilds nothing.
 */
export async function createBoss(
  ledger: OpenLedger,
  address: LedgerAddress,
  options: ConstructorOptions = {},
): Promise<PgBoss> {
  const common: ConstructorOptions = {
    schema: await queueSchemaOf(ledger),
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    ...options,
  };
  if (ledger.engine === 'embedded') {
    return new PgBoss({ ...common, backend: 'pglite', db: fromPglite(ledger.engineAccess) });
  }
  if (address.kind !== 'server') throw new Error('a server ledger has a server address');
  const { connectionString = '', connectionTimeoutMillis = 0 } = connectionSettings(address.url);
  return new PgBoss({
    ...common,
    connectionString,
    application_name: 'kona-enroll',
    connectionTimeoutMillis,
    max: CONNECTIONS,
  });
}

/** Two ledgers in one database have separate queues. */
export async function queueSchemaOf(ledger: Pick<OpenLedger, 'query'>): Promise<string> {
  const { schema } = onlyRow(await ledger.query<{ schema: string }>('select current_schema() as schema'));
  return schema === 'public' || schema === 'kona' ? 'kona_queue' : `${schema}_queue`;
}
