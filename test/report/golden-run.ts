import type { BreakKind } from '../../src/domain/reconciliation/break.ts';
import type { NightDifference } from '../../src/domain/night-difference.ts';
import type { TotalsCheck } from '../../src/domain/control-totals.ts';
import type { RunState } from '../../src/domain/run-state.ts';
import { par, type PlantedRun } from './report-world.ts';

/** A break of member `9`, as the ledger holds it; nights as yyyy-MM-dd, null: not yet. */
export interface PlantedBreak {
  readonly kind: BreakKind;
  readonly first: string;
  readonly explained: string | null;
  readonly closed: string | null;
}

interface GoldenRun {
  readonly planted: PlantedRun;
  readonly state: RunState;
  readonly calls: readonly {
    readonly rowNo: number;
    readonly atMs: number;
    readonly latencyMs: number | null;
  }[];
  /** As kept with the run when it ended. */
  readonly proofs: { readonly totals: readonly TotalsCheck[]; readonly difference: NightDifference };
  readonly breaks: readonly PlantedBreak[];
}

const header = ['user_id', 'par', '이름'];

/** A row of every class, a difference from the night before, and breaks of several kinds and ages. */
export const goldenRun: GoldenRun = {
  state: 'complete',
  planted: {
    header,
    rows: [
      {
        cells: ['9999999999999999999', par(1), 'Kim, "A"'],
        class: 'enrolled',
        code: '000_000',
        message: 'Success.',
        httpStatus: 200,
        attempts: 1,
      },
      {
        cells: ['2', par(2), '이'],
        class: 'recovered',
        code: '007_017',
        httpStatus: 400,
        attempts: 2,
      },
      {
        cells: ['3', par(3), '=1+1'],
        class: 'already_active',
        code: '007_017',
        httpStatus: 400,
        attempts: 1,
      },
      {
        cells: ['4', par(4), ''],
        class: 'already_done',
        kept: true,
        code: '007_012',
        givenBy: 'former_rule',
      },
      { cells: ['5', par(5), 'e'], class: 'action_required', code: '007_016', attempts: 1, nights: 1 },
      {
        cells: ['6', par(6), 'f'],
        class: 'bad_data',
        kept: true,
        code: '001_003',
        message: 'Invalid par.',
      },
      { cells: ['7', par(7), 'g'], class: 'conflict', code: '007_012', attempts: 1 },
      { cells: ['8', par(8), 'h'], class: 'unknown_code', code: '009_999', attempts: 1 },
      { cells: ['9', par(9), 'i'], class: 'ambiguous', attempts: 5, nights: 3 },
      {
        cells: ['10', par(10), 'j'],
        class: 'transient',
        code: '999_999',
        attempts: 5,
        nights: 1,
        givenBy: 'job_file',
      },
      { cells: ['11'], class: 'rejected', message: 'The row has 1 cell where the header has 3.' },
      { cells: ['9999999999999999999', par(1), 'Kim, "A"'], class: 'duplicate', sameAsRow: 1 },
      { cells: ['13', par(13), 'm'], class: 'disputed' },
      { cells: ['14', par(14), 'n'], class: 'unprocessed' },
    ],
  },
  calls: [
    { rowNo: 1, atMs: 0, latencyMs: 10 },
    { rowNo: 2, atMs: 100, latencyMs: null },
    { rowNo: 2, atMs: 1_100, latencyMs: 20.5 },
    { rowNo: 3, atMs: 1_200, latencyMs: 30 },
  ],
  proofs: {
    totals: [
      { name: 'rows_staged', class: null, expected: 14, found: 14 },
      { name: 'classes', class: null, expected: 14, found: 14 },
      { name: 'attempts', class: 'transient', expected: 5, found: 5 },
      { name: 'list_totals', class: null, expected: 14, found: 14 },
    ],
    difference: {
      comparedWith: { runId: '20261121T160000Z-nightly-0a1a', night: '2026-11-21' },
      added: 1,
      gone: 2,
      parChanged: 3,
      newlyFailing: 4,
      cured: 5,
      stillFailing: [
        { nights: 1, records: 6 },
        { nights: 2, records: 1_000 },
      ],
      failing: [
        { class: 'transient', code: null, ages: { '0': 6, '1-2': 1_000, '3-7': 0, '8-30': 0, '31+': 0 } },
        { class: 'bad_data', code: '001_003', ages: { '0': 1, '1-2': 0, '3-7': 2, '8-30': 0, '31+': 3 } },
      ],
    },
  },
  breaks: [
    { kind: 'not_enrolled', first: '2026-11-22', explained: null, closed: null },
    { kind: 'not_enrolled', first: '2026-11-21', explained: null, closed: null },
    { kind: 'not_enrolled', first: '2026-10-02', explained: null, closed: null },
    { kind: 'no_longer_listed', first: '2026-11-20', explained: '2026-11-21', closed: null },
    { kind: 'missing_at_provider', first: '2026-11-20', explained: null, closed: '2026-11-22' },
  ],
};
