import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFailure, reportFailure, tellFailure } from '../../src/cli/failure.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import type { ExitCode } from '../../src/domain/exit-code.ts';
import { LedgerHeldError } from '../../src/ledger/engine/embedded-ledger.ts';
import { LedgerError, OvertakenError } from '../../src/ledger/ledger-port.ts';
import { StoppedWhileAskingError } from '../../src/cli/stopped-while-asking-error.ts';
import { StoppedWhileStagingError } from '../../src/run/lock/stopped-early.ts';
import { createFakeHost } from './fake-host.ts';

const userId = '9999999999999999999';
const par = 'Q1HJZ28RKA1EBL470G9XYG90R5D';

function coded(code: string): Error {
  return Object.assign(new Error(`member ${userId}, PAR ${par}`), { code });
}

const byCode: Readonly<Record<string, ExitCode>> = {
  USAGE: 2,
  CONFIGURATION: 2,
  HANDED_BACK: 2,
  BREAK_LIST: 2,
  LIST_NOT_FOUND: 2,
  LIST_NOT_COMPARABLE: 2,
  LIST_REFUSED: 5,
  SOURCE_QUERY: 2,
  SOURCE_UNAVAILABLE: 8,
  TEMPLATE_EXISTS: 2,
  TEMPLATE_ENDING: 2,
  JOB_HELD: 8,
  LEDGER_UNAVAILABLE: 8,
  LEDGER_HELD: 8,
  LEDGER_NEWER: 8,
  LEDGER_UNUSABLE: 8,
  LEDGER_STATEMENT: 8,
  LEDGER_DEADLOCK: 8,
  OVERTAKEN: 8,
  REPORT_FOLDER: 8,
  FOLDER_CHANGED: 8,
  TOTALS_DISAGREE: 9,
  RUN_PURGED: 2,
  RUN_NOT_REPORTED: 2,
  SANDBOX_FIXTURES_INVALID: 2,
  SANDBOX_FAULTS_INVALID: 2,
  SANDBOX_HOST_REFUSED: 2,
  SANDBOX_CREDENTIALS_INVALID: 2,
  SANDBOX_LISTEN_FAILED: 8,
  SERVE_LISTEN_FAILED: 8,
  SANDBOX_STATE_UNREADABLE: 8,
  provider_base_url: 2,
  provider_asp_id: 2,
  outcome_override_refused: 2,
};

/** Codes in capitals that stand in the source beside an error; those this table leaves out are told in another way. */
const otherwise = new Set([
  'STOPPED_WHILE_STAGING',
  'STOPPED_WHILE_WAITING',
  'STOPPED_WHILE_ASKING',
  // The desk reads the list once more, and ends no command.
  'READING_ENDED',
]);

function codesInSource(): string[] {
  const source = join(import.meta.dirname, '../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const declared = /code = '([A-Z_]+)'|\| '((?:LEDGER|SANDBOX)_[A-Z_]+)'/g;
  return files.flatMap((file) =>
    Array.from(
      readFileSync(join(source, file), 'utf8').matchAll(declared),
      ([, own, listed]) => own ?? listed ?? '',
    ),
  );
}

describe('describeFailure', () => {
  test.each(Object.entries(byCode))('%s is exit %i, ids masked', (code, exitCode) => {
    const failure = describeFailure(coded(code));
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.reason).toBe(`member 99*************9999, PAR Q1${'*'.repeat(21)}0R5D`);
  });

  test('every code an error of ours carries stands in the table', () => {
    const codes = codesInSource();
    expect(codes.length).toBeGreaterThan(12);
    expect(codes.filter((code) => !otherwise.has(code) && byCode[code] === undefined)).toEqual([]);
  });

  test('the errors themselves', () => {
    expect(describeFailure(new UsageError('say what')).exitCode).toBe(2);
    expect(describeFailure(new OvertakenError()).exitCode).toBe(8);
    const unavailable = describeFailure(new LedgerError('LEDGER_UNAVAILABLE', 'no connection'));
    expect([unavailable.exitCode, unavailable.hint]).toEqual([8, expect.stringContaining('Nothing is lost')]);
    expect(describeFailure(new StoppedWhileStagingError('SIGINT')).exitCode).toBe(130);
    expect(describeFailure(new StoppedWhileStagingError('SIGTERM')).exitCode).toBe(143);
    expect(describeFailure(new StoppedWhileAskingError('SIGINT')).exitCode).toBe(130);
  });

  test('each problem of a configuration on its own line', () => {
    const failure = describeFailure(new ConfigurationError(['limits.rate: no rate', `list: ${userId}`]));
    expect(failure).toEqual({
      exitCode: 2,
      exitCause: 'usage',
      reason: 'limits.rate: no rate\nlist: 99*************9999',
      korean: null,
      hint: null,
    });
  });

  test.each([
    ['an error without a code', new Error(`boom ${userId}`)],
    ['an error of the system', coded('ENOENT')],
    ['a code that only objects have', coded('constructor')],
    ['another', coded('__proto__')],
    ['a text', `boom ${userId}`],
    ['nothing', undefined],
    ['a thing with a code that is no error', { code: 'USAGE' }],
  ])('%s is a bug', (_, thrown) => {
    const failure = describeFailure(thrown);
    expect(failure.exitCode).toBe(1);
    expect(failure.reason).toContain('bug in kona-enroll');
    expect(failure.reason).not.toContain(userId);
    expect(failure.reason).not.toContain(par);
  });

  test('a bug says where', () => {
    expect(describeFailure(new Error('boom')).reason).toContain('failure.ledger.test.ts');
  });
});

describe('reportFailure', () => {
  const people = { asksForJson: false, hasWait: false, inKoreanToo: false };

  test.each(['LEDGER_HELD', 'JOB_HELD'])('%s names --wait to the commands that have it', (code) => {
    const hints = [true, false].map((hasWait) => describeFailure(coded(code), hasWait).hint);
    expect(hints).toEqual([
      expect.stringMatching(/^Wait for it to end \(`--wait` does\), or stop it; .*status/),
      expect.stringMatching(/^Wait for it to end, or stop it; .*status/),
    ]);
  });

  test('tells people on stderr, and stdout stays empty', () => {
    const host = createFakeHost();
    expect(reportFailure(new LedgerError('LEDGER_HELD', 'held by process 7'), host, people)).toBe(8);
    expect(host.written.stdout).toBe('');
    expect(host.written.stderr).toMatch(/^kona-enroll: held by process 7\nWait for it to end.*\n$/);
  });

  test('with --json stdout has one document', () => {
    const host = createFakeHost();
    expect(reportFailure(new UsageError(`no member ${userId}`), host, { ...people, asksForJson: true })).toBe(
      2,
    );
    expect(JSON.parse(host.written.stdout)).toEqual({
      error: 'no member 99*************9999',
      exitCode: 2,
      exitCause: 'usage',
    });
    expect(host.written.stderr).toBe('kona-enroll: no member 99*************9999\n');
  });
});

test.each([
  ['of its job', { timeZone: 'Europe/Berlin' }, '2026-11-22 17:05 Europe/Berlin'],
  ['of no job it has told', null, '2026-11-23 01:05 Asia/Seoul'],
  ['that nobody knows', { timeZone: 'Moon/Sea' }, '2026-11-23 01:05 Asia/Seoul'],
])('who has an embedded ledger, since when in the zone %s', (_, progress, since) => {
  const times = { since: '2026-11-22T16:05:09.123Z', beatAt: '2026-11-22T16:05:10.123Z' };
  const error = new LedgerHeldError('/l', { host: 'there', pid: 7, ...times, progress });
  expect(describeFailure(error).reason).toBe(
    `the embedded ledger /l is open in process 7 on there, since ${since}`,
  );
});

test('a command that the reason or the hint names is one that can be typed, on the screen and in the log', () => {
  const error = new UsageError('no run r in the ledger; kona-enroll status lists them');
  const env = { npm_package_name: 'kona-enroll' };
  expect(tellFailure(error, false, env).reason).toContain('; npm run -s kona-enroll -- status lists');
  expect(tellFailure(error, false, {}).reason).toContain('; kona-enroll status lists');
  expect(tellFailure(new LedgerHeldError('/l', null), true, env).hint).toContain(
    '`npm run -s kona-enroll -- status` shows',
  );
});
