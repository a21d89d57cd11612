import { ConfigurationError } from '../config/configuration-error.ts';
import { messageOf } from '../domain/error-words.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { maskIdsInText } from '../domain/identity/masking.ts';
import { StoppedWhileStagingError, StoppedWhileWaitingError } from '../run/lock/stopped-early.ts';
import type { Host } from './host.ts';

/** Codes of the errors that are somebody's to mend, and the exit code each stands for. Anything else is a bug. */
const exitCodeByErrorCode: Readonly<Record<string, ExitCode>> = {
  USAGE: exitCodes.usage,
  CONFIGURATION: exitCodes.usage,
  LIST_NOT_FOUND: exitCodes.usage,
  LIST_NOT_COMPARABLE: exitCodes.usage,
  LIST_REFUSED: exitCodes.listRefused,
  SOURCE_QUERY: exitCodes.usage,
  SOURCE_UNAVAILABLE: exitCodes.ownSide,
  TEMPLATE_EXISTS: exitCodes.usage,
  TEMPLATE_ENDING: exitCodes.usage,
  JOB_HELD: exitCodes.ownSide,
  LEDGER_UNAVAILABLE: exitCodes.ownSide,
  LEDGER_HELD: exitCodes.ownSide,
  LEDGER_NEWER: exitCodes.ownSide,
  LEDGER_UNUSABLE: exitCodes.ownSide,
  LEDGER_STATEMENT: exitCodes.ownSide,
  OVERTAKEN: exitCodes.ownSide,
  REPORT_FOLDER: exitCodes.ownSide,
  RUN_PURGED: exitCodes.usage,
  RUN_NOT_REPORTED: exitCodes.usage,
  SANDBOX_FIXTURES_INVALID: exitCodes.usage,
  SANDBOX_FAULTS_INVALID: exitCodes.usage,
  SANDBOX_HOST_REFUSED: exitCodes.usage,
  SANDBOX_CREDENTIALS_INVALID: exitCodes.usage,
  SANDBOX_LISTEN_FAILED: exitCodes.ownSide,
  SANDBOX_STATE_UNREADABLE: exitCodes.ownSide,
  outcome_override_refused: exitCodes.usage,
};

const hints: Readonly<Record<string, string>> = {
  LEDGER_UNAVAILABLE: 'Nothing is lost: start the database and run the same command again.',
  SOURCE_UNAVAILABLE: 'Nothing was called: run the same command again once the source database answers.',
  OVERTAKEN: 'That process goes on with it; this one has changed nothing since.',
  REPORT_FOLDER: 'The ledger is right: make room and run the same command again, it writes the folder anew.',
};

/** Of failures after which a command that has `--wait` could have waited. */
const heldCodes = new Set(['LEDGER_HELD', 'JOB_HELD']);

function hintOf(code: string, hasWait: boolean): string | null {
  if (!heldCodes.has(code)) return hints[code] ?? null;
  const itself = hasWait ? ' (`--wait` does)' : '';
  return `Wait for it to end${itself}, or stop it; \`kona-enroll status\` shows how far it is.`;
}

export interface Failure {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string | null;
}

/**
 * What a failure means to the person or script that started the program. Ids are masked, whoever wrote the text.
 * `hasWait`: the command takes `--wait`.
 */
export function describeFailure(error: unknown, hasWait = false): Failure {
  if (error instanceof StoppedWhileStagingError || error instanceof StoppedWhileWaitingError) {
    return { exitCode: error.exitCode, message: error.message, hint: 'The same command begins again.' };
  }
  const code = codeOf(error);
  const known = exitCodeOf(code);
  if (known === undefined) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      exitCode: exitCodes.bug,
      message: maskIdsInText(`this is a bug in kona-enroll: ${text}`),
      hint: null,
    };
  }
  const message = error instanceof ConfigurationError ? error.problems.join('\n') : messageOf(error);
  return { exitCode: known, message: maskIdsInText(message), hint: hintOf(code, hasWait) };
}

function exitCodeOf(code: string): ExitCode | undefined {
  if (code.startsWith('provider_')) return exitCodes.usage;
  return Object.hasOwn(exitCodeByErrorCode, code) ? exitCodeByErrorCode[code] : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export interface FailureTelling {
  readonly asksForJson: boolean;
  /** The command takes `--wait`. */
  readonly hasWait: boolean;
}

/** Tells it on stderr, and with `--json` as the one document on stdout. */
export function reportFailure(error: unknown, host: Host, how: FailureTelling): ExitCode {
  const failure = describeFailure(error, how.hasWait);
  host.stderr.write(`kona-enroll: ${failure.message}\n`);
  if (failure.hint !== null) host.stderr.write(`${failure.hint}\n`);
  if (how.asksForJson) {
    host.stdout.write(`${JSON.stringify({ error: failure.message, exitCode: failure.exitCode })}\n`);
  }
  return failure.exitCode;
}
