import { failedClasses, isSuccess, type CallClass } from '../../domain/class.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { maskId, maskKnownIds } from '../../domain/identity/masking.ts';
import { explainBreak } from '../../ledger/breaks/break-table.ts';
import type { RecordRow } from '../../ledger/runs/enrollment-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { settleRecord, undoResolution } from '../../ledger/breaks/resolution-table.ts';
import type { Explanation } from '../../ledger/breaks/bulk-resolution.ts';
import type { Host } from '../host.ts';
import { withLedger } from '../session/ledger-session.ts';
import { idsOfBreak } from '../../report/breaks/break-ids.ts';
import { checkNote, userAtHost } from '../persons-word.ts';
import { breakNoOf, findNamedOrFail } from '../session/named-record.ts';
import { UsageError } from '../usage-error.ts';
import {
  isBreakFile,
  isOfMany,
  resolveFileCommand,
  resolveManyCommand,
  type ResolveManyArguments,
} from './resolve-many-command.ts';

interface ResolveArguments extends ResolveManyArguments {
  readonly what?: string | undefined;
  readonly note?: string | undefined;
  readonly undo?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Resolved {
  readonly document: object;
  readonly text: string;
}

/**
 * Lets a person settle one record, many records or a break, or undo that. Nothing is called, and a record keeps its
 * class.
 */
export async function resolveCommand(
  argv: Readonly<Record<string, unknown>> & ResolveArguments,
  host: Host,
): Promise<ExitCode> {
  const { what } = argv;
  if (what === undefined) return await resolveManyCommand(argv, explanationOf(argv, host), host);
  if (isOfMany(argv)) {
    throw new UsageError('--kind, --run and --class choose many; do not name a record or break as well');
  }
  if (isBreakFile(what)) return await resolveFile({ ...argv, what }, host);
  return await resolveOne({ ...argv, what }, host);
}

/** Returns why and by whom many are settled. Throws UsageError where nothing chooses them. */
function explanationOf(argv: ResolveArguments, host: Host): Explanation {
  if (!isOfMany(argv)) {
    throw new UsageError(
      'resolve: name a record (a user id, a PAR, or run:line), a break (break:N) or a breaks.csv; or choose many by --kind, --run or --class',
    );
  }
  const note = noteOf(argv);
  if (note === null) throw new UsageError('--undo works on one record at a time; name it');
  return { at: host.clock.now(), by: userAtHost(host), note };
}

async function resolveFile(
  argv: Readonly<Record<string, unknown>> & ResolveArguments & { readonly what: string },
  host: Host,
): Promise<ExitCode> {
  if (argv.note !== undefined || argv.undo === true) {
    throw new UsageError(
      'a list of breaks brings a note for each row in its column note: --note and --undo go with one record or break',
    );
  }
  return await resolveFileCommand(argv, { at: host.clock.now(), by: userAtHost(host) }, host);
}

async function resolveOne(
  argv: Readonly<Record<string, unknown>> & ResolveArguments & { readonly what: string },
  host: Host,
): Promise<ExitCode> {
  const note = noteOf(argv);
  const breakNo = breakNoOf(argv.what);
  const resolved = await withLedger(host, argv, async (ledger) => {
    if (breakNo !== null) return await explain(ledger, breakNo, note, host);
    const record = await findOne(ledger, argv.what);
    return note === null ? await undo(ledger, record, host) : await settle(ledger, record, note, host);
  });
  host.stdout.write(argv.json === true ? `${JSON.stringify(resolved.document, null, 2)}\n` : resolved.text);
  return exitCodes.done;
}

async function explain(
  ledger: Queryable,
  breakNo: number,
  note: string | null,
  host: Host,
): Promise<Resolved> {
  if (note === null)
    throw new UsageError('--undo: a break cannot be undone; explain it again with another --note');
  const at = host.clock.now();
  const by = userAtHost(host);
  const found = await explainBreak(ledger, breakNo, { by, note, at });
  if (found === null) throw new UsageError(`there is no break ${breakNo}; kona-enroll reconcile lists them`);
  if (found.state === 'closed') {
    throw new UsageError(
      `break ${breakNo} is closed: a comparison no longer found it, so there is nothing to explain`,
    );
  }
  const shown = maskKnownIds(note, idsOfBreak(found));
  return {
    document: {
      break: breakNo,
      kind: found.kind,
      state: found.state,
      explained: { at: at.toISOString(), by, note: shown },
    },
    text:
      `Explained by ${by}: break ${breakNo}, ${found.kind}${found.user_id === null ? '' : `, member ${maskId(found.user_id)}`}\n` +
      `  note: ${shown}\n` +
      '  It stays in the report as explained, and no longer affects the exit code.\n',
  };
}

/** Returns null where an earlier resolve is undone. */
function noteOf({ note, undo: takenBack = false }: ResolveArguments): string | null {
  if (takenBack) {
    if (note !== undefined) throw new UsageError('--undo cannot be given together with --note');
    return null;
  }
  const said = checkNote(note);
  if (said === '') throw new UsageError('resolve: say why with --note "…"; it is kept in the ledger');
  return said;
}

/** Finds the named record; of several, the only one that can be settled. */
async function findOne(ledger: Queryable, what: string): Promise<RecordRow> {
  const { row, records, purgedOn } = await findNamedOrFail(ledger, what);
  const failures = records.filter((record) => isFailure(record.class));
  const [record] = failures;
  if (record !== undefined && failures.length === 1) return record;
  if (failures.length > 1) {
    throw new UsageError(
      `${failures.length} records could be meant; name one by <run>:<line>, or by the id that is different:`,
      failures.map((one) => `${nameOf(one)}: ${stateOf(one)}`),
    );
  }
  if (purgedOn !== null) {
    throw new UsageError(
      `the run was purged on ${purgedOn}: the member of this row is no longer known; name the record by its user id or PAR`,
    );
  }
  if (records.length === 0) {
    throw new UsageError(
      `that row is ${row?.class ?? 'rejected'}: it has no record to settle; correct the list`,
    );
  }
  const states = [...new Set(records.map(({ class: is }) => notToSettle(is)))];
  throw new UsageError(`there is nothing to settle: ${states.join(', ')}`);
}

function notToSettle(is: CallClass | 'pending'): string {
  if (is === 'pending') return 'the record was not called yet';
  return isSuccess(is) ? `the record is ${is}, a success` : is;
}

function isFailure(is: CallClass | 'pending'): boolean {
  return (failedClasses as readonly string[]).includes(is);
}

async function settle(ledger: Queryable, record: RecordRow, note: string, host: Host): Promise<Resolved> {
  if (record.class === 'pending') throw new UsageError('the record was not called yet');
  const at = host.clock.now();
  const by = userAtHost(host);
  const held = { class: record.class, code: record.code, at, by, note };
  const breaks = await settleRecord(ledger, record.record_no, held);
  if (breaks === null) {
    throw new UsageError(
      'a call has just given the record another class or code; look at it again with explain',
    );
  }
  const shown = maskKnownIds(note, [record.user_id, record.par]);
  return {
    document: { ...describe(record), resolved: { at: at.toISOString(), by, note: shown }, breaks },
    text:
      `Settled by ${by}: ${nameOf(record)}, ${stateOf(record)}\n` +
      `  note: ${shown}\n` +
      explainedWords(breaks) +
      '  It keeps its class, and from the next run on it does not affect the exit code until its class or code changes.\n',
  };
}

/** Says which breaks of the record the same note explains. */
function explainedWords(breaks: readonly number[]): string {
  if (breaks.length === 0) return '';
  return `  It explains ${breaks.length === 1 ? 'break' : 'breaks'} ${breaks.join(', ')} too.\n`;
}

async function undo(ledger: Queryable, record: RecordRow, host: Host): Promise<Resolved> {
  const undone = { at: host.clock.now(), by: userAtHost(host) };
  if (!(await undoResolution(ledger, record.record_no, undone))) {
    throw new UsageError(`${nameOf(record)} is not settled`);
  }
  return {
    document: { ...describe(record), resolved: null },
    text: `Undone: ${nameOf(record)} is ${stateOf(record)}, and somebody must act on it again.\n`,
  };
}

function nameOf(record: RecordRow): string {
  return `member ${maskId(record.user_id)}, PAR ${maskId(record.par)}, provider ${record.provider}`;
}

function stateOf(record: RecordRow): string {
  return record.code === null ? record.class : `${record.class} (${record.code})`;
}

function describe(record: RecordRow): object {
  return {
    userId: maskId(record.user_id),
    par: maskId(record.par),
    provider: record.provider,
    class: record.class,
    code: record.code,
  };
}
