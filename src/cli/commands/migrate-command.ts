import { loadLedgerConfiguration, type LedgerConfiguration } from '../../config/configuration.ts';
import { parseDatabaseUrl } from '../../config/database-configuration.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { isEmbeddedLedger } from '../../ledger/engine/embedded-ledger.ts';
import { moveLedger } from '../../ledger/engine/move-ledger.ts';
import { openLedger, openLedgerTold, type OpenLedger } from '../../ledger/engine/open-ledger.ts';
import {
  grantQueue,
  grantReading,
  grantRunning,
  hasRole,
  readableViews,
} from '../../ledger/engine/role-grants.ts';
import { makeQueue, type MadeQueue } from '../../service/queue/make-queue.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { OPENING_LEDGER } from '../session/ledger-session.ts';
import { UsageError } from '../usage-error.ts';

type GivenRoles = Readonly<Partial<Record<'reader' | 'runner', string | undefined>>>;

/**
 * Brings the ledger's schema up to date, as every command that opens it does, and says what was done. `--runner` and
 * `--reader` give database roles their rights.
 */
export async function migrateCommand(
  argv: Readonly<Record<string, unknown>> &
    GivenRoles & { readonly from?: string | undefined; readonly json?: boolean | undefined },
  host: Host,
): Promise<ExitCode> {
  const configuration = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  host.hide(configuration.secrets);
  const address = ledgerAddressOf(configuration.database);
  const { reader, runner } = argv;
  const asked = reader !== undefined ? '--reader' : runner !== undefined ? '--runner' : null;
  if (asked !== null && address.kind === 'embedded') {
    throw new UsageError(
      `${asked}: the embedded ledger has only one user, so there are no rights to give; use a Postgres server`,
    );
  }
  const from = argv.from === undefined ? null : folderToMove(argv.from, configuration, host.cwd);
  host.waitsFor(`${OPENING_LEDGER} and bringing its schema up to date`);
  const { ledger, applied } = await openLedgerTold(address);
  try {
    const queue = await makeQueue(ledger, address);
    const moved = from === null ? null : await moveFrom(from, ledger, host);
    const ofRunner =
      runner === undefined ? null : await grantTo(ledger, '--runner', runner, grantAllRuns(queue));
    const ofReader = reader === undefined ? null : await grantTo(ledger, '--reader', reader, grantReading);
    const document = {
      applied,
      queue: queue.kind,
      moved,
      reader: ofReader,
      ...(ofRunner === null ? {} : { runner: ofRunner }),
    };
    host.stdout.write(
      argv.json === true
        ? `${JSON.stringify(document, null, 2)}\n`
        : [schemaWords(applied), queueWords(queue), movedWords(moved), roleWords(argv)].join(''),
    );
  } finally {
    await ledger.close();
  }
  return exitCodes.done;
}

/** Returns the absolute folder of the ledger to copy from. */
function folderToMove(written: string, { database }: LedgerConfiguration, cwd: string): string {
  const named = parseDatabaseUrl({ named: '--from', from: '--from' }, written, cwd);
  if (named.kind === 'refused' || named.value.kind === 'server') {
    throw new UsageError(
      '--from: expected embedded:FOLDER; to move a ledger from one server to another use pg_dump and pg_restore',
    );
  }
  const { folder } = named.value;
  if (database.kind === 'embedded') {
    throw new UsageError('--from: the target ledger must be a server; name it in DATABASE_URL');
  }
  if (!isEmbeddedLedger(folder)) throw new UsageError(`--from: there is no ledger in the folder ${folder}`);
  return folder;
}

interface Moved {
  readonly from: string;
  readonly rows: Readonly<Record<string, number>>;
}

/** Opens the source as every command does, so its schema is brought up to the same migration. */
async function moveFrom(folder: string, ledger: OpenLedger, host: Host): Promise<Moved> {
  const source = await openLedger({ kind: 'embedded', folder });
  try {
    host.waitsFor('moving the rows of the embedded ledger');
    const move = await moveLedger(source, ledger);
    if (move.kind === 'moved') return { from: folder, rows: move.rows };
    throw new UsageError(
      `--from: the target ledger must be empty, but its table ${move.table} has rows; name an empty database or schema in DATABASE_URL. Nothing was changed`,
    );
  } finally {
    await source.close();
  }
}

/** Grants the rights for runs started by hand, and for those of `serve` where its queue exists. */
function grantAllRuns({ schema, kind }: MadeQueue): typeof grantRunning {
  return async (on, role) => [
    ...(await grantRunning(on, role)),
    ...(kind === 'refused' ? [] : await grantQueue(on, role, schema)),
  ];
}

async function grantTo(
  ledger: OpenLedger,
  flag: string,
  role: string,
  grant: typeof grantReading,
): Promise<{ readonly role: string; readonly granted: readonly string[] }> {
  return await ledger.transaction(async (transaction) => {
    if (!(await hasRole(transaction, role))) {
      throw new UsageError(
        `${flag}: the server has no role "${role}"; create it first, with a right to log in`,
      );
    }
    return { role, granted: await grant(transaction, role) };
  });
}

function schemaWords(applied: readonly string[]): string {
  const what = applied.length === 0 ? '' : `Applied: ${applied.join(', ')}. `;
  return `${what}The ledger’s schema is up to date.\n`;
}

function queueWords({ schema, kind }: MadeQueue): string {
  switch (kind) {
    case 'current':
      return '';
    case 'made':
      return `Made the queue of \`serve\` (schema ${schema}).\n`;
    case 'refused':
      return (
        `This role may not create the schema ${schema}, which only \`serve\` needs.\n` +
        `Let a role with that right run: create schema ${schema} authorization ROLE; then start migrate again.\n`
      );
  }
}

function movedWords(moved: Moved | null): string {
  if (moved === null) return '';
  const { run = 0, list_row: rows = 0, enrollment: records = 0, attempt: calls = 0 } = moved.rows;
  const counts = Object.values(moved.rows);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    `Moved from ${moved.from}: ${run} runs, ${rows} rows of lists, ${records} records, ${calls} calls; ` +
    `${total} rows of ${counts.length} tables in all, compared one by one.\n` +
    'That folder is unchanged. Do not run anything on it any more; move it away after the first night on the server.\n'
  );
}

function roleWords({ reader, runner }: GivenRoles): string {
  const ofRunner =
    runner === undefined
      ? ''
      : `Role "${runner}" can do everything that runs do, but cannot create, alter or drop anything.\n`;
  const ofReader =
    reader === undefined ? '' : `Role "${reader}" can read ${readableViews.join(', ')}, and no table.\n`;
  return ofRunner + ofReader;
}
