import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TotalsCheck } from '../../../src/domain/control-totals.ts';
import { noteProofs } from '../../../src/ledger/proofs/stored-proofs.ts';
import { writeRunFolder, type RunFolderOptions } from '../../../src/report/folder/run-folder.ts';
import { embeddedEngine, type LedgerEngine } from '../../support/ledgers.ts';
import { openReportWorld, par, plantCalls, type PlantedRow } from '../report-world.ts';

export const wholePar = 'Z9SECRET0000000000000012345';
export const evil = `<script>document.title='x'</script><img src="http://192.0.2.1/x">" onload='y'`;

/** A row of every class, some of them with what a hostile provider or list may say. */
export const everyClass: readonly PlantedRow[] = [
  {
    cells: ['1', par(1)],
    class: 'enrolled',
    code: '000_000',
    message: 'Success.',
    httpStatus: 200,
    attempts: 1,
  },
  { cells: ['2', par(2)], class: 'recovered', code: '007_017', httpStatus: 400, attempts: 2 },
  { cells: ['3', par(3)], class: 'already_active', code: '007_017', httpStatus: 400, attempts: 1 },
  { cells: ['4', par(4)], class: 'already_done', kept: true, code: '000_000', httpStatus: 200 },
  { cells: ['5', par(5)], class: 'action_required', code: '007_016', httpStatus: 400, attempts: 1 },
  {
    cells: ['6', par(6)],
    class: 'bad_data',
    code: '001_003',
    message: `no ${wholePar}`,
    httpStatus: 400,
    attempts: 1,
  },
  { cells: ['7', par(7)], class: 'conflict', code: '007_012', httpStatus: 400, attempts: 1 },
  {
    cells: ['8', par(8)],
    class: 'unknown_code',
    code: '123_456',
    message: evil,
    httpStatus: 400,
    attempts: 1,
  },
  { cells: ['9', par(9)], class: 'ambiguous', httpStatus: 503, attempts: 5, nights: 3 },
  { cells: ['10', par(10)], class: 'transient', attempts: 5, nights: 2 },
  { cells: ['11'], class: 'rejected', message: `${evil} 12345678901 wrong | ${evil} 12345678901 틀림` },
  { cells: ['1', par(1)], class: 'duplicate', sameAsRow: 1 },
  { cells: ['13', par(13)], class: 'disputed' },
  { cells: ['14', par(14)], class: 'unprocessed' },
];

const calls = Array.from({ length: 90 }, (_, index) => ({
  rowNo: (index % 10) + 1,
  // An hour's pause in the middle.
  atMs: index * 100 + (index >= 45 ? 3_600_000 : 0),
  latencyMs: index % 9 === 0 ? null : 20 + index,
}));

export const agreeing: readonly TotalsCheck[] = [
  { name: 'rows_staged', class: null, expected: 14, found: 14 },
  { name: 'classes', class: null, expected: 14, found: 14 },
  { name: 'attempts', class: 'ambiguous', expected: 5, found: 5 },
];

/** A ledger with such a run; `write` makes its folder and gives report.html. */
export async function openPageWorld(
  rows: readonly PlantedRow[] = everyClass,
  engine: LedgerEngine = embeddedEngine,
) {
  const world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
  if (rows.length > 0) await plantCalls(world.ledger, world.runNo, calls);
  await noteProofs(world.ledger, world.runNo, {
    totals: agreeing,
    work: [],
    difference: {
      comparedWith: { runId: '20261121T160000Z-nightly-0a1a', night: '2026-11-21' },
      added: 4,
      gone: 3,
      parChanged: 2,
      newlyFailing: 1,
      cured: 5,
      stillFailing: [{ nights: 6, records: 7 }],
      failing: null,
    },
  });
  return {
    ...world,
    write: async (changes: Partial<RunFolderOptions> = {}): Promise<string> => {
      await writeRunFolder({ ...world.options, ...changes });
      return await readFile(join(world.runFolder, 'report.html'), 'utf8');
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
    },
  };
}

/** What a reader sees: without markup, style, and what is marked as the original English of somebody else. */
export function visibleText(page: string): string {
  return page
    .replaceAll(
      /<style>.*?<\/style>|<head>.*?<\/head>|<code[^>]*>.*?<\/code>|<span lang="en">.*?<\/span>/gs,
      ' ',
    )
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}
