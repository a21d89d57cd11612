import type { Par } from '../../src/domain/identity/par.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import {
  markInquiries,
  recordInquiries,
  type RecordedInquiry,
} from '../../src/ledger/breaks/reconciliation-calls.ts';
import {
  createReconciliation,
  noteStaged,
  readReconciliation,
  stageNextMembers,
  stageSample,
  type ReconciliationRow,
} from '../../src/ledger/breaks/reconciliation-table.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';

export const NIGHT = '2026-11-24';
export const now = new Date('2026-11-24T12:00:00Z');

export function secondsAgo(seconds: number): Date {
  return new Date(now.getTime() - seconds * 1_000);
}

/** A record of member `member` with card `card`. */
export async function addRecord(
  on: Queryable,
  member: number,
  card: number,
  { status = 'enrolled', provider = 'truth', recordedAt = '2020-01-01T00:00:00Z', called = true } = {},
): Promise<void> {
  await on.query(
    `insert into enrollment (provider, user_id, par, status, first_attempt_at, recorded_at)
     values ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz)`,
    [provider, userIdOf(member), parOf(card), status, called ? '2020-01-01T00:00:00Z' : null, recordedAt],
  );
}

export async function begin(
  on: Queryable,
  sample: number | null = null,
  job = 'reconcile-proof',
): Promise<ReconciliationRow> {
  const id = `r-${Math.random().toString(16).slice(2)}`;
  const work = await createReconciliation(on, {
    id,
    job,
    provider: 'truth',
    sample,
    settings: {},
    startedAt: secondsAgo(3_600),
  });
  if (sample === null) while ((await stageNextMembers(on, work)) > 0);
  else await stageSample(on, work);
  await noteStaged(on, work.reconciliation_no);
  return await readReconciliation(on, work.reconciliation_no);
}

const success: Reply = {
  kind: 'answered',
  httpStatus: 200,
  code: '000_000',
  unread: null,
  message: 'Success.',
  raw: '',
  retryAfterMs: null,
};

export function answerOf(
  memberNo: number,
  cards: readonly number[],
  overrides: Partial<RecordedInquiry> = {},
): RecordedInquiry {
  return {
    memberNo,
    correlationId: `c-${memberNo}`,
    sentAt: secondsAgo(10),
    latencyMs: 5,
    reply: success,
    member: 'asked',
    pars: cards.map((card) => parOf(card) as Par),
    ...overrides,
  };
}

/** Asked for the members of these answers, in one set. */
export async function ask(
  on: Queryable,
  { reconciliation_no }: ReconciliationRow,
  calls: readonly RecordedInquiry[],
): Promise<void> {
  const marks = calls.map(({ memberNo, correlationId }) => ({ memberNo, correlationId, at: secondsAgo(11) }));
  const place = { reconciliationNo: reconciliation_no, night: NIGHT };
  await markInquiries(on, place, marks);
  await recordInquiries(on, place, calls);
}
