import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { packageFile } from '../../config/package-files.ts';

/** One step of the schema in this program. */
export interface MigrationStep {
  readonly version: number;
  /** File name. */
  readonly name: string;
  readonly statements: readonly string[];
  /** SHA-256 of its statements without comments and line breaks, which may be improved later. */
  readonly checksum: string;
}

/** In order. */
export async function readMigrationSteps(): Promise<MigrationStep[]> {
  const folder = packageFile('migrations/');
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const statements = splitStatements(await readFile(new URL(name, folder), 'utf8'));
      return { version: Number(name.slice(0, 4)), name, statements, checksum: checksumOf(statements) };
    }),
  );
}

function checksumOf(statements: readonly string[]): string {
  const text = statements.map((statement) => statement.replace(/\s+/g, ' ')).join(';\n');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Our migrations hold no semicolon inside a literal or a comment, and in a function body only between `$$`; a test reads
 * them all.
 */
export function splitStatements(sql: string): string[] {
  const found = sql.replace(/--.*$/gm, '').match(/(?:\$\$.*?\$\$|[^;])+/gs) ?? [];
  return found.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

/** An applied step as the ledger has it. */
export interface AppliedStep {
  readonly version: number;
  readonly name: string;
  /** Null: a version that kept no checksums applied it. */
  readonly checksum: string | null;
}

/**
 * Compares the steps of this program with those the ledger says were applied. Both must be complete from 1 on, and each
 * applied step must be the one of this program. Returns one sentence with what is wrong and what to do, or null.
 */
export function findStepFault(
  steps: readonly MigrationStep[],
  applied: readonly AppliedStep[],
): string | null {
  const missing = firstGap(steps);
  if (missing !== null) {
    return `this copy of the program has no schema step ${pad(missing)} among its migrations: install it again, whole`;
  }
  const gap = firstGap(applied);
  if (gap !== null) {
    return (
      `the ledger lacks schema step ${pad(gap)} though later ones were applied: its schema was made by hand, or restored in part; ` +
      'restore the ledger from a backup that is whole. Nothing was changed'
    );
  }
  const edited = applied.find((step) => !isSameStep(step, steps[step.version - 1]));
  if (edited === undefined) return null;
  return (
    `schema step ${edited.name} was applied to the ledger in another form than this program has it: one of the two was edited. ` +
    'Install the released program again; if that says the same, use the copy of the program that made the ledger, or restore a backup. Nothing was changed'
  );
}

function isSameStep(applied: AppliedStep, step: MigrationStep | undefined): boolean {
  // A step this program does not know comes from a newer program.
  if (step === undefined) return true;
  return applied.checksum === null ? applied.name === step.name : applied.checksum === step.checksum;
}

/** The first number from 1 on that is missing, or stands twice; null where there is none. */
function firstGap(steps: readonly { readonly version: number }[]): number | null {
  const at = steps.findIndex(({ version }, index) => version !== index + 1);
  return at < 0 ? null : at + 1;
}

function pad(version: number): string {
  return String(version).padStart(4, '0');
}
