import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import { rejectionReasons, type Rejection } from '../../src/domain/rejection/rejection.ts';
import { tellRejection } from '../../src/domain/rejection/rejection-words.ts';
import {
  checkRow,
  readIdCells,
  rejectError,
  rejectHeading,
  rejectMisfit,
  rejectNoResult,
} from '../../src/intake/rows/row-content.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { readFirstRejected } from '../../src/ledger/runs/preview.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { createRun, raiseEpoch } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const par = 'ABC012345678901234567890XYZ';

async function begin(ledger: OpenLedger) {
  const run = await createRun(ledger, {
    id: 'a',
    job: 'a',
    provider: 'p',
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: 'c',
    again: false,
    settings: {},
    startedAt: new Date('2026-11-22T16:00:00Z'),
  });
  return await raiseEpoch(ledger, run.run_no);
}

function rowWith(content: ListRow['content'], index: number): ListRow {
  return { rowNo: index + 1, line: index + 2, cells: [], content };
}

/** Cells as lists have them: ids that are nearly right, and any text at all. */
const anyCell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.stringMatching(/^[0-9A-Z]{0,45}$/),
  fc.stringMatching(/^[0-9A-Z]{26}[a-z-À]$/),
  fc.stringMatching(/^[0-9]{18,22}[a-zÀ-ɏ]{0,3}$/),
  fc.constantFrom('', '0', '\u0001', '#N/A', '#SECRET1234567890123', '😀'.repeat(30), '１２３'),
);

/** Every rejection of intake that these cells give. */
function rejectionsOf(cell: string, column: string): ListRow['content'][] {
  const layout = { header: [column, column], columns: { userId: 0, par: 1 } };
  const found = [
    [cell, par],
    ['1', cell],
  ].map((cells) => checkRow(cells, layout, readIdCells(cells, layout)));
  return [
    ...found,
    rejectError(cell, column, 'userId'),
    rejectError(cell, column, 'par'),
    rejectNoResult(column, 'par'),
    rejectMisfit({ cells: 1, expectedCells: 2 }),
    rejectHeading(),
  ].filter(({ kind }) => kind === 'rejected');
}

describe.each(ledgerEngines)('rejections in the ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('whatever intake rejects is taken, and read as it was written', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await begin(setup.ledger);
    const rows = fc
      .sample(fc.tuple(anyCell, anyCell), { numRuns: 300, seed: 17 })
      .flatMap(([cell, column]) => rejectionsOf(cell, column))
      .map(rowWith);
    await stageRows(setup.ledger, fence, rows);
    const kept = await readFirstRejected(setup.ledger, fence.runNo, rows.length);
    expect(new Set(kept.map(({ reason }) => reason))).toEqual(new Set(rejectionReasons));
    expect(kept.map(({ rejection }) => rejection)).toEqual(
      rows.map(({ content }) => (content.kind === 'rejected' ? content.rejection : null)),
    );
    for (const row of kept) expect(tellRejection(row, 'ko')).toMatch(/[가-힣].*\.$/s);
  });

  it('what may not be kept is refused', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await begin(ledger);
    const cell = { masked: '98****4321', cutFrom: null };
    const right: Rejection = { reason: 'par_length', column: 'par', cell, length: 10 };
    await stageRows(ledger, fence, [rowWith({ kind: 'rejected', rejection: right }, 0)]);
    const { reason, ...parts } = right;
    const set = async (changes: object, code: string = reason): Promise<unknown> =>
      await ledger.query('update list_row set rejection = $1::text::jsonb, code = $2', [
        JSON.stringify({ ...parts, ...changes }),
        code,
      ]);
    await set({});
    for (const [changes, code] of [
      [{ cell: { masked: '9876554321', cutFrom: null } }],
      [{ cell: { masked: par, cutFrom: null } }],
      [{ cell: { ...cell, whole: '1' } }],
      [{ column: `card ${par}` }],
      [{ column: 'x'.repeat(42) }],
      [{ error: '#my name' }],
      [{ foreign: ['name'] }],
      [{ note: 'a name' }],
      [{}, 'because'],
    ] as const) {
      await expect(set(changes, code)).rejects.toThrow('list_row_rejection_check');
    }
    await expect(ledger.query(`update list_row set message = 'a sentence'`)).rejects.toThrow(
      'list_row_rejection_check',
    );
    await expect(ledger.query('update list_row set purged = true')).rejects.toThrow('check');
  });
});
