import pg from 'pg';
import { messageOf } from '../../domain/error-words.ts';
import { maskId, maskIdsInText } from '../../domain/identity/masking.ts';
import { SourceQueryError, SourceUnavailableError } from '../list-errors.ts';

/** The question that the source database failed to answer. */
export interface SourceQuestion {
  /** Host and name of the database; null before its URL is understood. */
  readonly place: string | null;
  /** Names the setting the URL comes from, for messages. */
  readonly urlFrom: string;
  readonly subject: 'query' | 'table';
  /** `declare`: the statement reaches the server for the first time. */
  readonly step: 'connect' | 'declare' | 'read';
}

/**
 * SQLSTATEs of a server that can't serve us now, whatever we ask: connection (08), transaction time-outs (25P03,
 * 25P04), authentication (28), unknown database (3D), conflict with others or with recovery (40), resources (53),
 * locks (55P03), cancelled by an operator or a time-out (57), system (58), snapshot (72), configuration (F0), a
 * foreign server behind it (HV00N), internal error (XX). Any other SQLSTATE is about the statement.
 */
const UNAVAILABLE = /^(?:08|25P03|25P04|28|3D|40|53|55P03|57|58|72|F0|HV00N|XX)/;

/**
 * Sent for a bind without the parameters of the statement. Connection poolers use it for their own troubles, but not
 * at that step.
 */
const PROTOCOL_VIOLATION = '08P01';

/**
 * Errors of class 22 quote the value they can't convert; the two codes excluded here quote only names of encodings.
 */
const QUOTES_VALUE = /^22(?!021|P05)/;

/**
 * Explains a failure in one sentence with what to do, as an error of exit code 8 or 2. Server messages are masked.
 * The server's error is not kept as the cause, because its other fields repeat whole values.
 */
export function explainSourceFailure(
  error: unknown,
  question: SourceQuestion,
): SourceUnavailableError | SourceQueryError {
  const database = question.place === null ? 'the source database' : `the source database ${question.place}`;
  const urlWords = `The URL is that of ${question.urlFrom}.`;
  const sqlState = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  if (sqlState === '') {
    const text = maskIdsInText(messageOf(error));
    return new SourceUnavailableError(
      `${database} is not available: ${text}; ${unavailableAdvice('')}. ${urlWords}`,
      error,
    );
  }
  const text = `${maskServerText(messageOf(error), sqlState)} (SQLSTATE ${sqlState})`;
  if (sqlState === PROTOCOL_VIOLATION && question.step === 'declare') {
    const what = 'the query has parameters such as $1, which get no values here';
    return new SourceQueryError(`${database} refuses the query: ${what}; ${queryAdvice(question, '')}.`);
  }
  if (UNAVAILABLE.test(sqlState)) {
    return new SourceUnavailableError(
      `${database} is not available: ${text}; ${unavailableAdvice(sqlState)}. ${urlWords}`,
    );
  }
  return new SourceQueryError(
    `${database} refuses the ${question.subject}: ${text}; ${queryAdvice(question, sqlState)}.`,
  );
}

function maskServerText(text: string, sqlState: string): string {
  const unquoted = QUOTES_VALUE.test(sqlState)
    ? text.replace(/"(.*)"/s, (_, value: string) => `"${maskId(value)}"`)
    : text;
  return maskIdsInText(unquoted);
}

function unavailableAdvice(sqlState: string): string {
  if (sqlState.startsWith('28')) return 'correct user and password in list.postgres.url';
  if (sqlState.startsWith('3D')) return "correct the database's name in list.postgres.url";
  if (sqlState === '57014') return 'raise list.postgres.statementTimeoutMs, or ask for less';
  if (sqlState.startsWith('53')) return 'run the same command again when it has room';
  return 'check that it runs and can be reached, then run the same command again';
}

function queryAdvice({ subject }: SourceQuestion, sqlState: string): string {
  if (sqlState === '42501') return "grant the URL's user SELECT on it";
  if (sqlState.startsWith('22'))
    return 'correct the value it cannot convert, or exclude that row in list.postgres.query';
  if (subject === 'table') return 'correct list.postgres.table; upper and lower case matter in its names';
  return 'write one SELECT, VALUES, TABLE or WITH statement in list.postgres.query, which only reads and has no parameters';
}
