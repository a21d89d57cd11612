import { openLedger, type LedgerAddress, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { CallLogEntry } from '../../src/sandbox/wire/call-log.ts';
import type { TruthEntry } from '../../src/sandbox/provider/registry.ts';
import { findCalledAgain, isFinished, keyOfRow } from './crash-proof.ts';
import type { SoakStory } from './soak.ts';
import { MOST_SENDING } from './soak-rules.ts';

export interface SoakEvidence {
  readonly address: LedgerAddress;
  readonly records: number;
  readonly story: SoakStory;
  /** At the provider, in order of arrival. */
  readonly calls: readonly CallLogEntry[];
  readonly truth: readonly TruthEntry[];
  /** The most records that were seen sending at once, while the program ran. */
  readonly mostSendingSeen?: number;
}

export interface SoakCheck {
  readonly what: string;
  readonly figure: string;
  readonly holds: boolean;
}

interface RecordRow {
  user_id: string;
  par: string;
  status: string;
  claimed: boolean;
  /** Milliseconds of the epoch. */
  recorded: number;
}

interface AttemptRow {
  correlation_id: string;
  lost: boolean;
}

interface Facts {
  readonly records: readonly RecordRow[];
  readonly attempts: readonly AttemptRow[];
  readonly rows: { readonly rows: number; readonly settled: number; readonly classed: number };
}

/** What must be true after any number of kills and restarts, each with the figures that say so. */
export async function proveSoak(evidence: SoakEvidence): Promise<SoakCheck[]> {
  const facts = await readFacts(evidence.address);
  return [
    ...proveEnd(evidence, facts),
    ...proveTruth(evidence, facts),
    ...proveCalls(evidence, facts),
    ...proveInFlight(evidence, facts),
  ];
}

async function readFacts(address: LedgerAddress): Promise<Facts> {
  const ledger = await openLedger(address);
  try {
    return {
      records: await ledger.query<RecordRow>(
        `select user_id, par, status, claim_run_no is not null as claimed,
                (extract(epoch from recorded_at) * 1000)::float8 as recorded from enrollment`,
      ),
      attempts: await ledger.query<AttemptRow>(
        `select correlation_id, reply_kind = 'lost' as lost from attempt`,
      ),
      rows: await countRows(ledger),
    };
  } finally {
    await ledger.close();
  }
}

async function countRows(ledger: OpenLedger): Promise<Facts['rows']> {
  const [counted] = await ledger.query<Facts['rows']>(
    `select count(*)::integer as rows, count(*) filter (where settled)::integer as settled, count(class)::integer as classed
     from list_row`,
  );
  return counted ?? { rows: 0, settled: 0, classed: 0 };
}

function proveEnd({ records, story }: SoakEvidence, { rows }: Facts): SoakCheck[] {
  const { exitCode, stdout, stderr } = story.end;
  const summary = (stdout === '' ? {} : JSON.parse(stdout)) as {
    state?: string;
    exitReason?: string | null;
    totalsAgree?: boolean;
    classes?: Record<string, number>;
  };
  const classes = Object.values(summary.classes ?? {});
  const total = classes.reduce((sum, count) => sum + count, 0);
  const ended = exitCode === 0 && summary.state === 'complete';
  return [
    check(
      'the run came to its end',
      ended ? 'complete' : `exit ${exitCode}: ${summary.exitReason ?? stderr.slice(-300)}`,
      ended,
    ),
    check(
      'totals agree',
      `${total} in classes = ${records} rows`,
      summary.totalsAgree === true && total === records,
    ),
    check(
      'every row is settled and in one class',
      `${rows.rows} rows, ${rows.settled} settled, ${rows.classed} in a class`,
      // Killed after its last row, a run was complete: the next start is one of its own, on the same list.
      rows.rows > 0 && rows.rows % records === 0 && rows.settled === rows.rows && rows.classed === rows.rows,
    ),
    check(
      'starts that ended with 8',
      `${story.endedWith8} ≤ ${story.restarts} restarts of Postgres`,
      story.endedWith8 <= story.restarts,
    ),
  ];
}

/** Both ways: whoever is registered is finished in the ledger, and whoever is finished is registered. */
function proveTruth({ records, truth, story, calls }: SoakEvidence, facts: Facts): SoakCheck[] {
  const registered = new Set(truth.map(({ userId, par }) => `${userId} ${par}`));
  const finished = new Map(
    facts.records.filter(({ status }) => isFinished(status)).map((row) => [keyOfRow(row), row.recorded]),
  );
  const unknown = [...registered].filter((key) => !finished.has(key)).length;
  const untrue = [...finished.keys()].filter((key) => !registered.has(key)).length;
  const late = calls.filter(
    (call) => call.arrivedAt > (finished.get(`${call.userId} ${call.par}`) ?? Infinity),
  );
  const again = findCalledAgain(calls, story.snapshots).length;
  return [
    check(
      "provider's truth = ledger",
      `${registered.size} registered; not in the ledger ${unknown}, in the ledger alone ${untrue}`,
      unknown === 0 && untrue === 0 && registered.size === records,
    ),
    check('calls for records after their outcome was durable', String(late.length), late.length === 0),
    check(
      'calls for records seen finished after a kill',
      `${again}, in ${story.snapshots.length} looks`,
      again === 0 && story.snapshots.length > 0,
    ),
  ];
}

/** Every arrival has its attempt, a lost one where a kill took its answer: so none was made beside the ledger. */
function proveCalls({ records, calls }: SoakEvidence, { attempts }: Facts): SoakCheck[] {
  const ids = new Set(attempts.map((attempt) => attempt.correlation_id));
  const lost = attempts.filter((attempt) => attempt.lost).length;
  const retries = attempts.length - lost - records;
  const named = calls.filter((call) => call.correlationId !== null);
  const strange = named.filter((call) => !ids.has(call.correlationId ?? '')).length;
  const unread = calls.length - named.length;
  const unmatched = ids.size - (named.length - strange);
  const faulty = calls.filter((call) => call.fault !== null);
  const share = faulty.length / calls.length;
  return [
    check(
      'calls ≤ records + retries recorded + in flight at kills',
      `${calls.length} ≤ ${records} + ${retries} + ${lost}`,
      calls.length <= records + retries + lost,
    ),
    check('calls without an attempt in the ledger', String(strange), strange === 0),
    check('calls broken off unread ≤ attempts nobody read', `${unread} ≤ ${unmatched}`, unread <= unmatched),
    check(
      'calls that met a fault',
      `${faulty.length}, ${(share * 100).toFixed(1)} %, of ${new Set(faulty.map((call) => call.fault)).size} kinds`,
      share > 0.1,
    ),
  ];
}

function proveInFlight(
  { story, mostSendingSeen = 0 }: SoakEvidence,
  { records, attempts }: Facts,
): SoakCheck[] {
  const lost = attempts.filter((attempt) => attempt.lost).length;
  const deaths = story.kills + story.endedWith8;
  const most = Math.max(mostSendingSeen, ...story.snapshots.map((snapshot) => snapshot.sending));
  const left = records.filter((row) => row.status === 'sending' || row.claimed).length;
  return [
    check('most records sending at once', `${most} ≤ ${MOST_SENDING}`, most <= MOST_SENDING),
    check(
      'in flight at kills, as the next start noted them',
      `${lost} ≤ ${deaths} × ${MOST_SENDING}`,
      lost <= deaths * MOST_SENDING && lost > 0,
    ),
    check('records left sending or claimed', String(left), left === 0),
  ];
}

function check(what: string, figure: string, holds: boolean): SoakCheck {
  return { what, figure, holds };
}
