import { loadLedgerConfiguration } from '../../config/configuration.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { openLedgerTold, type OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { grantReading, hasRole, readableViews } from '../../ledger/engine/reader-grants.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { OPENING_LEDGER } from '../session/ledger-session.ts';
import { UsageError } from '../usage-error.ts';

/** Brings the ledger's schema up to date, as every command does that opens it, and says what that took. */
export async function migrateCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly reader?: string | undefined;
    readonly json?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  const configuration = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  host.hide(configuration.secrets);
  const address = ledgerAddressOf(configuration.database);
  const { reader } = argv;
  if (reader !== undefined && address.kind === 'embedded') {
    throw new UsageError(
      '--reader: the embedded ledger has one user and nobody to give rights to; it takes a server Postgres',
    );
  }
  host.waitsFor(`${OPENING_LEDGER} and bringing its schema up to date`);
  const { ledger, applied } = await openLedgerTold(address);
  try {
    const granted = reader === undefined ? [] : await grantTo(ledger, reader);
    const document = { applied, reader: reader === undefined ? null : { role: reader, granted } };
    host.stdout.write(
      argv.json === true ? `${JSON.stringify(document, null, 2)}\n` : wordsOf(applied, reader),
    );
  } finally {
    await ledger.close();
  }
  return exitCodes.done;
}

async function grantTo(ledger: OpenLedger, role: string): Promise<readonly string[]> {
  return await ledger.transaction(async (transaction) => {
    if (!(await hasRole(transaction, role))) {
      throw new UsageError(
        `--reader: the server has no role "${role}"; create it first, with a right to log in`,
      );
    }
    return await grantReading(transaction, role);
  });
}

function wordsOf(applied: readonly string[], reader: string | undefined): string {
  const schema =
    applied.length === 0
      ? 'The ledger’s schema is up to date.\n'
      : `Applied: ${applied.join(', ')}. The ledger’s schema is up to date.\n`;
  if (reader === undefined) return schema;
  return `${schema}Role "${reader}" can read ${readableViews.join(', ')}, and no table.\n`;
}
