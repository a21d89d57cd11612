import { LedgerError, type Ledger, type Queryable } from '../ledger-port.ts';
import {
  findStepFault,
  readMigrationSteps,
  type AppliedStep,
  type MigrationStep,
} from './migration-steps.ts';

/** The key of our advisory lock: a number nobody else uses, the same in every version of the program. */
const MIGRATION_LOCK = 5_662_310_417;

/**
 * Brings the ledger's schema up to this program's version. One transaction applies all missing steps, under a lock that
 * makes a second starter wait. It refuses the database of a newer program, and one whose steps are not those of this
 * program. Where no step is missing it writes nothing, so that a role without rights on the schema will do.
 */
export async function migrateLedger(ledger: Ledger): Promise<{ applied: readonly string[] }> {
  const steps = await readMigrationSteps();
  return await ledger.transaction(async (transaction) => {
    if (ledger.engine === 'server') {
      await transaction.query('select pg_advisory_xact_lock($1::bigint)', [String(MIGRATION_LOCK)]);
    }
    const table = await readTable(transaction);
    assertFits(steps, table.applied);
    const missing = steps.slice(table.applied.length);
    if (missing.length > 0 && table.applied.length > 0) await assertMayMigrate(transaction, missing.length);
    if (missing.length > 0) await prepareTable(transaction);
    if (missing.length > 0 || table.hasChecksums) await fillChecksums(transaction, steps, table.applied);
    for (const step of missing) await applyStep(transaction, step);
    return { applied: missing.map((step) => step.name) };
  });
}

/** The steps that a schema lacks, found without a lock and without a change. */
export interface SchemaState {
  /** Steps that were applied. */
  readonly applied: number;
  /** Names of those that are missing, in order. */
  readonly missing: readonly string[];
}

/** Rejects with LedgerError, as `migrateLedger` does, for a schema of a newer program or of another one. */
export async function lookAtSchema(on: Queryable): Promise<SchemaState> {
  const steps = await readMigrationSteps();
  const { applied } = await readTable(on);
  assertFits(steps, applied);
  return { applied: applied.length, missing: steps.slice(applied.length).map((step) => step.name) };
}

function assertFits(steps: readonly MigrationStep[], applied: readonly AppliedStep[]): void {
  const newest = steps.at(-1)?.version ?? 0;
  const version = applied.at(-1)?.version ?? 0;
  const fault = findStepFault(steps, applied);
  if (version > newest) {
    throw new LedgerError(
      'LEDGER_NEWER',
      `the ledger has schema version ${version}, this program knows ${newest}: use the newer program`,
    );
  }
  if (fault !== null) throw new LedgerError('LEDGER_UNUSABLE', fault);
}

interface StepTable {
  readonly applied: readonly AppliedStep[];
  /** False: a version that kept none made the table, or there is none yet. */
  readonly hasChecksums: boolean;
}

/** Looks only in the schema in which the ledger's tables are made, and in no other that the search path names. */
async function readTable(transaction: Queryable): Promise<StepTable> {
  const columns = await transaction.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass(quote_ident(current_schema()) || '.schema_migration') and attnum > 0 and not attisdropped`,
  );
  if (columns.length === 0) return { applied: [], hasChecksums: false };
  const hasChecksums = columns.some(({ name }) => name === 'checksum');
  const checksum = hasChecksums ? 'checksum' : 'null::text as checksum';
  const applied = await transaction.query<AppliedStep>(
    `select version, name, ${checksum} from schema_migration order by version`,
  );
  return { applied, hasChecksums };
}

/**
 * Rejects with LedgerError where another role owns the ledger, before the server refuses a statement in its own words.
 */
async function assertMayMigrate(transaction: Queryable, missing: number): Promise<void> {
  const [table] = await transaction.query<{ owner: string; role: string; isOwner: boolean }>(
    `select pg_get_userbyid(relowner) as owner, current_user as role, pg_has_role(current_user, relowner, 'MEMBER') as "isOwner"
     from pg_class where oid = to_regclass(quote_ident(current_schema()) || '.schema_migration')`,
  );
  if (table === undefined || table.isOwner) return;
  const steps = missing === 1 ? '1 step' : `${missing} steps`;
  throw new LedgerError(
    'LEDGER_UNUSABLE',
    `the ledger's schema lacks ${steps} of this program, which its owner ${table.owner} may make and ${table.role} may not: as ${table.owner}, start \`kona-enroll migrate\` once`,
  );
}

async function prepareTable(transaction: Queryable): Promise<void> {
  await transaction.query(
    `create table if not exists schema_migration (
       version integer primary key, name text not null, applied_at timestamptz not null default now())`,
  );
  await transaction.query('alter table schema_migration add column if not exists checksum text');
}

/** Keeps our checksums for steps that a version without checksums applied; they have the names of our steps. */
async function fillChecksums(
  transaction: Queryable,
  steps: readonly MigrationStep[],
  applied: readonly AppliedStep[],
): Promise<void> {
  const unknown = steps.filter(({ version }) => applied[version - 1]?.checksum === null);
  if (unknown.length === 0) return;
  await transaction.query(
    `update schema_migration m set checksum = i.checksum from unnest($1::integer[], $2::text[]) as i(version, checksum)
     where m.version = i.version and m.checksum is null`,
    [unknown.map((step) => step.version), unknown.map((step) => step.checksum)],
  );
}

/** Runs a step statement by statement, because neither engine takes several in one prepared statement. */
async function applyStep(transaction: Queryable, step: MigrationStep): Promise<void> {
  for (const statement of step.statements) await transaction.query(statement);
  await transaction.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
    step.version,
    step.name,
    step.checksum,
  ]);
}
