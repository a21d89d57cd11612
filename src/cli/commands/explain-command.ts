import type { IdForm } from '../../domain/identity/id-form.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { secondsOf } from '../../domain/time/wall-time.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { BreakRow } from '../../ledger/breaks/break-table.ts';
import type { AttemptRow } from '../../ledger/runs/attempt-table.ts';
import type { RecordListing, RecordRow } from '../../ledger/runs/enrollment-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { idsOfBreak } from '../../report/breaks/break-ids.ts';
import { lifeTextsIn } from '../../report/life/life-texts-in.ts';
import { idsOf, readLife, rowOf, type Life } from '../../report/life/record-life.ts';
import { ruleOf } from '../../report/life/record-outlook.ts';
import type { Host } from '../host.ts';
import { withLedger } from '../session/ledger-session.ts';
import { flowText } from '../terminal/flowing-line.ts';
import { breakNoOf, findNamedBreak, findNamedOrFail } from '../session/named-record.ts';
import { describeWholeBreak, formatWholeBreak } from '../views/break-view.ts';
import { idFormOf, noteShown, readReason, type ShowIdsArguments } from '../session/shown-ids.ts';

const MAX_RAW_ON_SCREEN = 300;

/** The whole life of each record found; ids masked, or whole and an entry in the access log before they are shown. */
export async function explainCommand(
  argv: Readonly<Record<string, unknown>> &
    ShowIdsArguments & { readonly what: string; readonly json?: boolean | undefined },
  host: Host,
): Promise<ExitCode> {
  const reason = readReason(argv);
  const form = idFormOf(reason);
  const breakNo = breakNoOf(argv.what);
  const { row, lives, purgedOn, aBreak } = await withLedger(host, argv, async (ledger) => {
    const named =
      breakNo === null ? await findNamedOrFail(ledger, argv.what) : await findNamedBreak(ledger, breakNo);
    const found = {
      ...named,
      row: rowOf(named, form, null),
      lives: await readLives(ledger, named.records, form),
    };
    if (reason !== null) await noteExplained(ledger, host, found, reason);
    return found;
  });
  if (purgedOn !== null) {
    host.stderr.write(`the run was purged on ${purgedOn}: the member of this row is no longer known\n`);
  }
  if (argv.json === true) {
    host.stdout.write(
      `${JSON.stringify({ ...documentOf(aBreak, form), row, records: lives.map((life) => describeLife(life, form)) }, null, 2)}\n`,
    );
    return exitCodes.done;
  }
  if (aBreak !== null) host.stdout.write(flowText(formatWholeBreak(aBreak, form)));
  if (row !== null) host.stdout.write(flowText(rowLine(row)));
  for (const life of lives) host.stdout.write(flowText(formatLife(life, form)));
  return exitCodes.done;
}

/** For break:N only. */
function documentOf(aBreak: BreakRow | null, form: IdForm): object {
  return aBreak === null ? {} : { break: describeWholeBreak(aBreak, form) };
}

interface Found {
  /** The break that break:N names; null where something else was asked for. */
  readonly aBreak: BreakRow | null;
  readonly row: RecordListing | null;
  readonly lives: readonly Life[];
}

const RECORDS_NAMED = 5;

/** Notes records by their numbers: the ledger tells who they are as long as it knows them. */
async function noteExplained(
  ledger: Queryable,
  host: Host,
  { row, lives, aBreak }: Found,
  reason: string,
): Promise<void> {
  const place = [
    ...(aBreak === null ? [] : [`break:${aBreak.break_no}`]),
    ...(row === null ? [] : [`${row.run_id}:${row.line}`]),
  ];
  const named = lives.slice(0, RECORDS_NAMED).map(({ record }) => `record ${record.record_no}`);
  const more = lives.length > named.length ? [`${lives.length - named.length} more`] : [];
  await noteShown(ledger, host, {
    what: `explain ${[...place, ...named, ...more].join(', ')}`,
    rows: Math.max(1, lives.length),
    reason,
    ids: [...(aBreak === null ? [] : idsOfBreak(aBreak)), ...lives.flatMap(({ record }) => idsOf(record))],
  });
}

async function readLives(ledger: Queryable, records: readonly RecordRow[], form: IdForm): Promise<Life[]> {
  const lives: Life[] = [];
  for (const record of records) lives.push(await readLife(ledger, record, { form, language: 'en' }));
  return lives;
}

function formatLife(life: Life, form: IdForm): string {
  const { record } = life;
  return [
    `Member ${form.id(record.user_id)}, PAR ${form.id(record.par)}, provider ${cleanUntrustedText(record.provider)}\n`,
    `  now: ${record.status}${wordsOf(record.code, record.message)}\n`,
    `  calls: ${callWords(record)}\n`,
    `  next: ${life.outlook.next}\n`,
    ...life.breaks.map(
      (one) =>
        `  break ${one.break_no}: ${one.kind}, ${one.state}, first seen in the night of ${one.first_night}\n`,
    ),
    ...life.listings.map((listing) => `  ${rowLine(listing)}\n`),
    ...life.attempts.map(
      (attempt) =>
        `  ${attemptLine(attempt, life.timeZone)}\n    rule: ${ruleOf(attempt, life.rules, 'en')}\n`,
    ),
  ].join('');
}

function callWords({ attempts, unanswered, nights }: RecordRow): string {
  return lifeTextsIn('en').calls(attempts, unanswered, nights);
}

function rowLine(listing: RecordListing): string {
  const kept = listing.kept ? ', not called' : '';
  return `run ${listing.run_id} line ${listing.line}: ${listing.class}${kept}${wordsOf(listing.code, listing.message)}`;
}

function attemptLine(attempt: AttemptRow, timeZone: string): string {
  const answer = attempt.http_status === null ? attempt.reply_kind : `HTTP ${attempt.http_status}`;
  const took = attempt.latency_ms === null ? '' : ` in ${attempt.latency_ms.toFixed(0)} ms`;
  const words = wordsOf(attempt.code, attempt.message ?? attempt.error);
  const other = attempt.answer_correlation_id;
  const owner = other === null ? '' : `, the answer carried ${other}`;
  const what = attempt.call === 'plans' ? 'inquiry' : 'call';
  const said = `${what} ${secondsOf(attempt.sent_at, timeZone)} ${timeZone} ${attempt.correlation_id}: ${answer}${took}${owner}`;
  return `${said} → ${attempt.outcome}${words}${rawOf(attempt)}`;
}

/** Returns what the provider wrote, where its code does not say what it means. */
function rawOf({ raw_reply: raw, code, outcome }: AttemptRow): string {
  if (raw === null || raw === '') return '';
  const needsReading = code === null || outcome === 'unknown_code';
  return needsReading ? `\n    it wrote: ${raw.slice(0, MAX_RAW_ON_SCREEN)}` : '';
}

function wordsOf(code: string | null, message: string | null): string {
  const words = [code ?? '', message ?? ''].filter((part) => part !== '');
  return words.length === 0 ? '' : ` (${cleanUntrustedText(words.join(' '))})`;
}

function describeLife(life: Life, form: IdForm): object {
  const { record } = life;
  return {
    userId: form.id(record.user_id),
    par: form.id(record.par),
    provider: record.provider,
    status: record.status,
    code: record.code,
    message: record.message,
    attempts: record.attempts,
    unanswered: record.unanswered,
    nights: record.nights,
    class: record.class,
    since: record.since?.toISOString() ?? null,
    whoMustAct: life.outlook.whoMustAct,
    next: life.outlook.next,
    resolutions: life.resolutions.map((one) => ({
      class: one.class,
      code: one.code,
      at: one.resolved_at.toISOString(),
      by: one.resolved_by,
      note: one.note,
      inForce: one.in_force,
      undoneAt: one.undone_at?.toISOString() ?? null,
      undoneBy: one.undone_by,
    })),
    breaks: life.breaks.map((one) => ({
      number: one.break_no,
      kind: one.kind,
      state: one.state,
      firstNight: one.first_night,
    })),
    rows: life.listings.map((listing) => ({
      runId: listing.run_id,
      line: listing.line,
      class: listing.class,
      kept: listing.kept,
      code: listing.code,
    })),
    calls: life.attempts.map((attempt) => ({
      call: attempt.call,
      runId: attempt.run_id,
      line: attempt.line,
      correlationId: attempt.correlation_id,
      answerCorrelationId: attempt.answer_correlation_id,
      sentAt: attempt.sent_at.toISOString(),
      latencyMs: attempt.latency_ms,
      replyKind: attempt.reply_kind,
      httpStatus: attempt.http_status,
      code: attempt.code,
      message: attempt.message,
      error: attempt.error,
      outcome: attempt.outcome,
      rule: ruleOf(attempt, life.rules, 'en'),
      raw: attempt.raw_reply,
    })),
  };
}
