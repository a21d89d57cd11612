import pg from 'pg';
import { messageOf } from '../../domain/error-words.ts';
import { maskId, maskIdsInText } from '../../domain/identity/masking.ts';
import { SourceQueryError, SourceUnavailableError } from '../list-errors.ts';

/** What was being asked of the source database when it failed. */
export interface SourceQuestion {
  /** Host and name of the database; null before its URL is understood. */
  readonly place: string | null;
  /** Where the URL comes from, as people are told. */
  readonly urlFrom: string;
  readonly subject: 'query' | 'table';
  /** `declare`: the statement is put to the server for the first time. */
  readonly step: 'connect' | 'declare' | 'read';
}

/**
 * SQLSTATEs of a server that can't serve us now, whatever we ask: connection (08), time-outs of the transaction (25P03,
 * 25P04), who we are (28), no such database (3D), conflict with others or with recovery (40), resources (53), lock
 * (55P03), stopped by somebody or by time (57), system (58), snapshot (72), configuration (F0), another server
 * behind it (HV00N), internal (XX). Every other one is about the statement.
 */
const UNAVAILABLE = /^(?:08|25P03|25P04|28|3D|40|53|55P03|57|58|72|F0|HV00N|XX)/;

/** Bind without the parameters the statement has. Poolers use it for troubles of their own, but not there. */
const PROTOCOL_VIOLATION = '08P01';

/** Class 22 quotes the value it can't convert; these two of the class quote the names of encodings. */
const QUOTES_VALUE = /^22(?!021|P05)/;

/**
 * Exit code 8 or 2, in one sentence with what to do. Server messages are masked. The server's error is not kept as
 * the cause, because its other fields repeat whole values.
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
    const what = 'the query has parameters such as $1, and nobody gives them values';
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
  if (sqlState === '57014') return 'give a statement of list.postgres more time, or ask for less';
  if (sqlState.startsWith('53')) return 'run the same command again when it has room';
  return 'see that it runs and can be reached, then run the same command again';
}

function queryAdvice({ subject }: SourceQuestion, sqlState: string): string {
  if (sqlState === '42501') return "grant the URL's user SELECT on it";
  if (sqlState.startsWith('22')) return 'mend the value it stumbles over, or leave its row out in a query';
  if (subject === 'table') return 'correct list.postgres.table, whose names are taken as they are written';
  return 'list.postgres.query takes one SELECT, VALUES, TABLE or WITH statement without parameters, which only reads';
}
