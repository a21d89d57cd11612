import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { RowClass } from '../../src/domain/class.ts';
import type { ClassGiver } from '../../src/domain/provider-code.ts';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { Rejection } from '../../src/domain/rejection/rejection.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { createRun, noteList, noteRunEnd, raiseEpoch } from '../../src/ledger/runs/run-table.ts';
import type { RunFolderOptions } from '../../src/report/folder/run-folder.ts';
import { openTestLedger, type LedgerEngine } from '../support/ledgers.ts';
import { createStubClock } from '../support/stub-clock.ts';
import { plantedSettings } from './planted-settings.ts';

export const runId = '20261122T160000Z-nightly-0a1b';
export const contentHash = 'c0ffee'.padEnd(64, '0');

/** Every file of a run folder, by name. */
export const folderFiles = [
  'customers-to-call.csv',
  'data-to-correct.csv',
  'difference.csv',
  'failed.csv',
  'failed.xlsx',
  'for-developers.csv',
  'manifest.json',
  'nights-used-up.csv',
  'rejected.csv',
  'report.html',
  'report.xlsx',
  'results.csv',
  'succeeded.csv',
  'summary.json',
  'unprocessed.csv',
] as const;

/** What a test says of a row; the rest of list_row's columns are as a row has them that was never called. */
export interface PlantedRow {
  readonly cells: readonly string[];
  readonly class: RowClass;
  readonly kept?: boolean;
  readonly code?: string;
  /** Of a rejected row: the sentence that an older version kept in the place of the parts. */
  readonly message?: string;
  readonly rejection?: Rejection;
  readonly httpStatus?: number;
  readonly attempts?: number;
  readonly nights?: number;
  readonly sameAsRow?: number;
  readonly givenBy?: ClassGiver;
}

export interface PlantedRun {
  readonly header: readonly string[];
  readonly rows: readonly PlantedRow[];
  readonly kind?: 'list' | 'handed_back' | 'retry';
  /** As kept with the run. */
  readonly settings?: unknown;
}

export function par(n: number): Par {
  return `PAR${String(n).padStart(24, '0')}` as Par;
}

export function correlationId(rowNo: number): string {
  return `261123010000-${rowNo.toString(16).padStart(7, '0')}`;
}

/** A ledger with one run that came to its end as planted, and an empty folder for reports. */
export async function openReportWorld(engine: LedgerEngine, planted: PlantedRun) {
  const { ledger, world, ...rest } = await openTestLedger(engine);
  const folder = await mkdtemp(join(tmpdir(), 'kona-report-'));
  const runNo = await plantRun(ledger, planted);
  const options: RunFolderOptions = {
    ledger,
    runNo,
    reportsDirectory: join(folder, 'runs'),
    state: 'complete',
    totalsAgree: true,
    language: null,
    me: { user: 'tester', host: 'here', pid: 1 },
    clock: createStubClock(),
    signals: silentSignals,
  };
  return {
    ledger,
    world,
    folder,
    runNo,
    options,
    runFolder: join(folder, 'runs', runId),
    [Symbol.asyncDispose]: async () => {
      await rest[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function plantRun(ledger: Ledger, planted: PlantedRun): Promise<number> {
  const startedAt = new Date('2026-11-22T16:00:00.000Z');
  const run = await createRun(ledger, {
    id: runId,
    job: 'nightly',
    provider: 'provider-a',
    kind: planted.kind ?? 'list',
    night: '2026-11-22',
    listName: 'members.csv',
    content: contentHash,
    again: false,
    settings: planted.settings ?? plantedSettings,
    startedAt,
    programVersion: '1.2.3',
  });
  const fence = await raiseEpoch(ledger, run.run_no);
  await stageRows(ledger, fence, planted.rows.map(toListRow));
  for (const [index, row] of planted.rows.entries()) await plantOutcome(ledger, run.run_no, index + 1, row);
  await noteList(ledger, run.run_no, {
    header: planted.header,
    encoding: 'utf-8',
    delimiter: ',',
    userIdColumn: 0,
    parColumn: 1,
    rowsRead: planted.rows.length,
    blankLines: 0,
    titleLines: 0,
    totalsLines: 0,
    notes: null,
  });
  await noteRunEnd(ledger, run.run_no, {
    exitCode: 3,
    exitCause: 'not_enrolled',
    reason: 'complete; some rows not enrolled',
    finishedAt: new Date('2026-11-22T16:05:00.000Z'),
  });
  return run.run_no;
}

function toListRow(row: PlantedRow, index: number): ListRow {
  const place = { rowNo: index + 1, line: index + 2, cells: row.cells };
  if (row.class === 'rejected') {
    return {
      ...place,
      content: {
        kind: 'rejected',
        rejection: row.rejection ?? { reason: 'cells', cells: row.cells.length, expectedCells: 9 },
      },
    };
  }
  return { ...place, content: { kind: 'record', userId: `${index + 1}` as UserId, par: par(index + 1) } };
}

async function plantOutcome(ledger: Ledger, runNo: number, rowNo: number, row: PlantedRow): Promise<void> {
  if (row.class === 'rejected') {
    if (row.message === undefined) return;
    await ledger.query(
      'update list_row set rejection = null, message = $3 where run_no = $1 and row_no = $2',
      [runNo, rowNo, row.message],
    );
    return;
  }
  const wasCalled = (row.attempts ?? 0) > 0 || row.kept === true;
  await ledger.query(
    `update list_row set class = $3, settled = true, kept = $4, code = $5, message = $6, http_status = $7, attempts = $8,
            nights = $9, first_row_no = $10, correlation_id = $11, first_attempt_at = $12::timestamptz,
            last_attempt_at = $13::timestamptz, class_given_by = $14
     where run_no = $1 and row_no = $2`,
    [
      runNo,
      rowNo,
      row.class,
      row.kept ?? false,
      row.code ?? null,
      row.message ?? null,
      row.httpStatus ?? null,
      row.attempts ?? 0,
      row.nights ?? 0,
      row.sameAsRow ?? null,
      wasCalled ? correlationId(rowNo) : null,
      wasCalled ? '2026-11-22T16:00:01.005Z' : null,
      wasCalled ? '2026-11-22T16:00:02.050Z' : null,
      row.givenBy ?? null,
    ],
  );
}

/** Calls as the attempt table holds them; times in milliseconds after the run's start. */
export async function plantCalls(
  ledger: Ledger,
  runNo: number,
  calls: readonly { readonly rowNo: number; readonly atMs: number; readonly latencyMs: number | null }[],
): Promise<void> {
  for (const [index, call] of calls.entries()) {
    const at = new Date(Date.parse('2026-11-22T16:00:00.000Z') + call.atMs).toISOString();
    const kind = call.latencyMs === null ? 'no_answer' : 'answered';
    await ledger.query(
      `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, latency_ms, reply_kind, outcome)
       values ($1, $2::integer, $2::integer, '2026-11-22', $3, $4::timestamptz, $5, $6, 'enrolled')`,
      [runNo, call.rowNo, correlationId(index), at, call.latencyMs, kind],
    );
  }
}

/** Every file of a folder, dot-files too, as bytes. */
export async function readFolder(folder: string): Promise<Record<string, Buffer>> {
  const names = (await readdir(folder)).toSorted();
  const contents = await Promise.all(names.map(async (name) => await readFile(join(folder, name))));
  return Object.fromEntries(names.map((name, index) => [name, contents[index] ?? Buffer.alloc(0)]));
}

/** Rows of a CSV file, the header first. */
export async function readTable(folder: string, name: string): Promise<string[][]> {
  return parse(await readFile(join(folder, name)), { bom: true, record_delimiter: '\r\n' });
}

export async function readJson(folder: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}
