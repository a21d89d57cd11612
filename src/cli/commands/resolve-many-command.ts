import { resolve } from 'node:path';
import { breakKinds } from '../../domain/reconciliation/break.ts';
import { failedClasses, type CallClass } from '../../domain/class.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { lockBreaks } from '../../ledger/breaks/break-table.ts';
import {
  countChosenBreaks,
  countChosenRecords,
  explainChosenBreaks,
  explainNotedBreaks,
  settleChosenRecords,
  type Explanation,
} from '../../ledger/breaks/bulk-resolution.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import type { Ledger, Queryable } from '../../ledger/ledger-port.ts';
import { findRun } from '../../ledger/runs/run-table.ts';
import {
  readHandedBackBreaks,
  type HandedBackBreaks,
  type LineSaid,
} from '../../reconcile/handed-back-breaks.ts';
import type { Host } from '../host.ts';
import { agrees } from '../session/agreement.ts';
import { withLedger } from '../session/ledger-session.ts';
import { formatTable } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';

export interface ResolveManyArguments {
  readonly kind?: string | undefined;
  readonly run?: string | undefined;
  readonly class?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

type Given = Readonly<Record<string, unknown>> & ResolveManyArguments;

/** What would be settled: it is shown first, and settled only as it was shown. */
interface Choice {
  readonly rows: readonly (readonly (string | number)[])[];
  readonly headings: readonly string[];
  readonly records: number;
  readonly breaks: number;
  /** Settles the choice, in the transaction in which it was counted again. */
  readonly settle: (on: Queryable) => Promise<{ readonly records: number; readonly breaks: number }>;
}

/** Returns whether the command line names a file of breaks and no record. */
export function isBreakFile(what: string): boolean {
  return /\.(?:csv|xlsx)$/i.test(what.trim());
}

export function isOfMany({ kind, run, class: classes }: ResolveManyArguments): boolean {
  return kind !== undefined || run !== undefined || classes !== undefined;
}

/** Settles every record, or explains every open break, that the flags choose. `explanation`: by whom and why. */
export async function resolveManyCommand(
  argv: Given,
  explanation: Explanation,
  host: Host,
): Promise<ExitCode> {
  const kinds = namesIn(argv.kind, '--kind', breakKinds);
  const classes = namesIn(argv.class, '--class', failedClasses as readonly CallClass[]);
  return await withLedger(host, argv, async (ledger) => {
    const runNo = await runNoOf(ledger, argv.run);
    const count = async (on: Queryable): Promise<Choice> =>
      kinds === null
        ? await chooseRecords(
            on,
            { classes: classes ?? (failedClasses as readonly CallClass[]), runNo },
            explanation,
          )
        : await chooseBreaks(on, { kinds, classes, runNo }, explanation);
    return await carryOut(ledger, { argv, host, count, said: [] });
  });
}

/** Explains the breaks of a breaks.csv or breaks.xlsx in which a note was written: all of them or none. */
export async function resolveFileCommand(
  argv: Given & { readonly what: string },
  explanation: Omit<Explanation, 'note'>,
  host: Host,
): Promise<ExitCode> {
  const path = resolve(host.cwd, argv.what.trim());
  return await withLedger(host, argv, async (ledger) => {
    const told = await readHandedBackBreaks(ledger, path);
    assertOfTheLedger(told);
    const count = async (on: Queryable): Promise<Choice> => {
      const now = await readHandedBackBreaks(on, path);
      assertOfTheLedger(now);
      return chooseNoted(now, explanation);
    };
    return await carryOut(ledger, { argv, host, count, said: saidOf(told) });
  });
}

interface BulkDecision {
  readonly argv: Given;
  readonly host: Host;
  readonly count: (on: Queryable) => Promise<Choice>;
  /** Lines shown beside the table. */
  readonly said: readonly string[];
}

async function carryOut(ledger: OpenLedger, { argv, host, count, said }: BulkDecision): Promise<ExitCode> {
  const asJson = argv['json'] === true;
  const choice = await count(ledger);
  const chosen = { records: choice.records, breaks: choice.breaks };
  const tell = (done: { readonly records: number; readonly breaks: number } | null): void => {
    if (asJson) host.stdout.write(`${JSON.stringify({ chosen, said, done }, null, 2)}\n`);
    else if (done !== null) host.stdout.write(`Settled: ${countWords(done)}.\n`);
  };
  const isNothing = choice.records + choice.breaks === 0;
  if (!asJson) host.stdout.write(formatChoice(choice, said));
  if (isNothing || argv.dryRun === true) {
    tell(null);
    return exitCodes.done;
  }
  const question = {
    question: `Settle ${countWords(chosen)} with this note?`,
    declined: 'Nothing was settled.',
    unasked: `nothing was settled: give --yes to settle ${countWords(chosen)}, or --dry-run only to look`,
  };
  if (argv['yes'] !== true && !(await agrees(host, question, asJson))) return exitCodes.done;
  tell(await settleAsTold(ledger, choice, count));
  return exitCodes.done;
}

/** Throws UsageError where the choice is no longer the one shown; then nothing is settled. */
async function settleAsTold(ledger: Ledger, told: Choice, count: BulkDecision['count']) {
  return await ledger.transaction(async (transaction) => {
    await lockBreaks(transaction);
    const now = await count(transaction);
    if (now.records !== told.records || now.breaks !== told.breaks) {
      throw new UsageError(
        `nothing was settled: meanwhile it has become ${countWords(now)}; look at it again with --dry-run`,
      );
    }
    return await now.settle(transaction);
  });
}

async function chooseRecords(
  on: Queryable,
  choice: Parameters<typeof countChosenRecords>[1],
  explanation: Explanation,
): Promise<Choice> {
  const found = await countChosenRecords(on, choice);
  return {
    headings: ['class', 'code', 'records'],
    rows: found.map(({ class: is, code, records }) => [is, code ?? '-', records]),
    records: found.reduce((sum, { records }) => sum + records, 0),
    breaks: 0,
    settle: async (transaction) => await settleChosenRecords(transaction, choice, explanation),
  };
}

async function chooseBreaks(
  on: Queryable,
  choice: Parameters<typeof countChosenBreaks>[1],
  explanation: Explanation,
): Promise<Choice> {
  const found = await countChosenBreaks(on, choice);
  return {
    headings: ['break', 'open'],
    rows: found.map(({ kind, breaks }) => [kind, breaks]),
    records: 0,
    breaks: found.reduce((sum, { breaks }) => sum + breaks, 0),
    settle: async (transaction) => ({
      records: 0,
      breaks: await explainChosenBreaks(transaction, choice, explanation),
    }),
  };
}

function chooseNoted({ notes, leftOut }: HandedBackBreaks, explanation: Omit<Explanation, 'note'>): Choice {
  return {
    headings: ['rows of the file', 'how many'],
    rows: [
      ['with a note', notes.length],
      ['without a note: left as they are', leftOut],
    ],
    records: 0,
    breaks: notes.length,
    settle: async (transaction) => ({
      records: 0,
      breaks: await explainNotedBreaks(transaction, notes, explanation),
    }),
  };
}

const LINES_SHOWN = 20;

/** Refuses the whole file for a single row that does not match its break, because such a file can't be trusted. */
function assertOfTheLedger({ wrong }: HandedBackBreaks): void {
  if (wrong.length === 0) return;
  const rows = wrong.length === 1 ? '1 row does' : `${wrong.length} rows do`;
  throw new UsageError(
    `nothing was settled: ${rows} not match the ledger; put them right, or empty their note`,
    linesOf(wrong),
  );
}

function saidOf({ gone }: HandedBackBreaks): string[] {
  return linesOf(gone);
}

function linesOf(said: readonly LineSaid[]): string[] {
  const more = said.length - LINES_SHOWN;
  return [
    ...said.slice(0, LINES_SHOWN).map(({ line, what }) => `line ${line}: ${what}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function formatChoice({ headings, rows, records, breaks }: Choice, said: readonly string[]): string {
  const table = rows.length === 0 ? '' : formatTable([...headings], rows);
  const nothing = records + breaks === 0 ? 'Nothing is open that this names.\n' : '';
  return `${table}${said.map((line) => `${line}\n`).join('')}${nothing}`;
}

function countWords({ records, breaks }: { readonly records: number; readonly breaks: number }): string {
  const parts = [
    ...(records > 0 ? [records === 1 ? '1 record' : `${records} records`] : []),
    ...(breaks > 0 ? [breaks === 1 ? '1 break' : `${breaks} breaks`] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(' and ');
}

/** Null: not given. Throws UsageError that lists the known names. */
function namesIn<Name extends string>(
  text: string | undefined,
  flag: string,
  known: readonly Name[],
): readonly Name[] | null {
  if (text === undefined) return null;
  return text.split(',').map((part) => {
    const name = known.find((one) => one === part.trim());
    if (name !== undefined) return name;
    throw new UsageError(`${flag}: "${part.trim()}" is none of ${known.join(', ')}`);
  });
}

async function runNoOf(ledger: Queryable, id: string | undefined): Promise<number | null> {
  if (id === undefined) return null;
  const run = await findRun(ledger, id);
  if (run === null)
    throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists the last ones`);
  if (run.purge_began_at === null) return run.run_no;
  throw new UsageError(`run ${id} was purged: its members are no longer known`);
}
