import { ConfigurationError } from '../config/configuration-error.ts';
import { messageOf } from '../domain/error-words.ts';
import { cleanUntrustedText, quoteName } from '../domain/untrusted-text.ts';
import { endBy, type CodedCause, type ExitDecision } from '../domain/exit-cause.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import { maskIdsInText } from '../domain/identity/masking.ts';
import { ListRefusedError } from '../intake/list-errors.ts';
import { HandedBackError } from '../run/handed-back-source.ts';
import { StoppedWhileStagingError, StoppedWhileWaitingError } from '../run/lock/stopped-early.ts';
import type { Host } from './host.ts';
import { tellFormat } from '../run/telling/list-words.ts';
import { StoppedWhileAskingError } from './stopped-while-asking-error.ts';
import { withProgramName } from './session/program-name.ts';
import { UsageError } from './usage-error.ts';

/** Codes of errors that somebody can correct, and the cause each stands for. Any other error is a bug. */
const causeByErrorCode: Readonly<Record<string, CodedCause>> = {
  USAGE: 'usage',
  CONFIGURATION: 'usage',
  HANDED_BACK: 'usage',
  LIST_NOT_FOUND: 'usage',
  LIST_NOT_COMPARABLE: 'usage',
  BREAK_LIST: 'usage',
  LIST_REFUSED: 'list_refused',
  SOURCE_QUERY: 'usage',
  SOURCE_UNAVAILABLE: 'source_gone',
  TEMPLATE_EXISTS: 'usage',
  TEMPLATE_ENDING: 'usage',
  JOB_HELD: 'held',
  LEDGER_UNAVAILABLE: 'ledger_gone',
  LEDGER_HELD: 'held',
  LEDGER_NEWER: 'ledger_gone',
  LEDGER_UNUSABLE: 'ledger_gone',
  LEDGER_STATEMENT: 'ledger_gone',
  LEDGER_DEADLOCK: 'ledger_gone',
  OVERTAKEN: 'overtaken',
  REPORT_FOLDER: 'folder',
  FOLDER_CHANGED: 'folder',
  WORKING_FOLDER: 'folder',
  OUTPUT_LOST: 'folder',
  TOTALS_DISAGREE: 'totals',
  RUN_PURGED: 'usage',
  RUN_NOT_REPORTED: 'usage',
  SANDBOX_FIXTURES_INVALID: 'usage',
  SANDBOX_FAULTS_INVALID: 'usage',
  SANDBOX_HOST_REFUSED: 'usage',
  SANDBOX_CREDENTIALS_INVALID: 'usage',
  SANDBOX_LISTEN_FAILED: 'held',
  SERVE_LISTEN_FAILED: 'held',
  SANDBOX_STATE_UNREADABLE: 'folder',
  outcome_override_refused: 'usage',
};

const hints: Readonly<Record<string, string>> = {
  LEDGER_UNAVAILABLE: 'Nothing is lost: once the database accepts connections, run the same command again.',
  SOURCE_UNAVAILABLE: 'Nothing was called: run the same command again once the source database answers.',
  OVERTAKEN: 'That process continues it; this one has changed nothing since.',
  REPORT_FOLDER:
    'The ledger is right: correct the fault above and run the same command again; it writes the folder again.',
  WORKING_FOLDER: 'Nothing was done: change into an existing folder, and give the command again.',
  OUTPUT_LOST:
    'What the command did remains. Free some space, or send the output elsewhere; `kona-enroll status` lists the runs, and `kona-enroll status RUN --json` shows one.',
};

/** Codes of failures for which a command with `--wait` could have waited. */
const heldCodes = new Set(['LEDGER_HELD', 'JOB_HELD']);

function hintOf(code: string, hasWait: boolean): string | null {
  if (!heldCodes.has(code)) return hints[code] ?? null;
  const itself = hasWait ? ' (`--wait` does)' : '';
  return `Wait for it to end${itself}, or stop it; \`kona-enroll status\` shows how far it is.`;
}

export interface Failure extends ExitDecision {
  /** The reason in Korean, where it is known; only for people. */
  readonly korean: string | null;
  readonly hint: string | null;
}

/**
 * Returns what a failure means to the person or script that started the program. Ids are masked, whoever wrote the
 * text. `hasWait`: the command takes `--wait`.
 */
export function describeFailure(error: unknown, hasWait = false): Failure {
  if (
    error instanceof StoppedWhileStagingError ||
    error instanceof StoppedWhileWaitingError ||
    error instanceof StoppedWhileAskingError
  ) {
    return { ...error.end, korean: null, hint: 'The same command begins again.' };
  }
  const code = codeOf(error);
  const known = causeOf(code);
  if (known === undefined) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const reason = linesOf(`this is a bug in kona-enroll: ${text}`);
    return { ...endBy('bug', ''), reason, korean: null, hint: null };
  }
  const hint = hintOf(code, hasWait) ?? readAs(error);
  if (!(error instanceof ConfigurationError)) {
    const isTold = error instanceof ListRefusedError || error instanceof HandedBackError;
    const korean = isTold ? maskIdsInText(error.korean) : null;
    const end = endBy(known, maskIdsInText(messageOf(error)));
    const choices = error instanceof UsageError ? error.choices : [];
    const lines = choices.map((choice) => `  ${maskIdsInText(cleanUntrustedText(choice))}`);
    return { ...end, reason: [end.reason, ...lines].join('\n'), korean, hint };
  }
  const problems = error.problems.map((problem) => maskIdsInText(cleanUntrustedText(problem)));
  return { ...endBy(known, ''), reason: problems.join('\n'), korean: null, hint };
}

/** Tells how a refused list was read: a wrong encoding or delimiter explains many refusals. */
function readAs(error: unknown): string | null {
  if (!(error instanceof ListRefusedError) || error.format === null) return null;
  return `${quoteName(error.file)} was read as ${tellFormat(error.format, 'en')}.`;
}

/** Does the same as `describeFailure`, with commands of ours in the form in which the reader can type them. */
export function tellFailure(error: unknown, hasWait: boolean, env: Host['env']): Failure {
  const { reason, hint, ...rest } = describeFailure(error, hasWait);
  return {
    ...rest,
    reason: withProgramName(reason, env),
    hint: hint === null ? null : withProgramName(hint, env),
  };
}

/** Formats a stack; all its lines but the first are indented, which no line of ours is. */
function linesOf(text: string): string {
  const [first = '', ...rest] = text.split('\n').map((line) => maskIdsInText(cleanUntrustedText(line)));
  return [first, ...rest.map((line) => `    ${line}`)].join('\n');
}

function causeOf(code: string): CodedCause | undefined {
  if (code.startsWith('provider_')) return 'usage';
  return Object.hasOwn(causeByErrorCode, code) ? causeByErrorCode[code] : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export interface FailureTelling {
  readonly asksForJson: boolean;
  /** The command takes `--wait`. */
  readonly hasWait: boolean;
  /** A person asked for Korean below the English. */
  readonly inKoreanToo: boolean;
}

/** Reports it on stderr and, with `--json`, as the one document on stdout. */
export function reportFailure(
  error: unknown,
  host: Pick<Host, 'stdout' | 'stderr' | 'env'>,
  how: FailureTelling,
): ExitCode {
  const failure = tellFailure(error, how.hasWait, host.env);
  host.stderr.write(`kona-enroll: ${failure.reason}\n`);
  if (how.inKoreanToo && failure.korean !== null) host.stderr.write(`${failure.korean}\n`);
  if (failure.hint !== null) host.stderr.write(`${failure.hint}\n`);
  if (how.asksForJson) {
    host.stdout.write(`${JSON.stringify(failureDocument(failure))}\n`);
  }
  return failure.exitCode;
}

/** Returns what a script reads about a failure. */
export function failureDocument({ reason, exitCode, exitCause }: ExitDecision): object {
  return { error: reason, exitCode, exitCause };
}
