import { tellRejectionInBoth } from '../../domain/rejection/rejection-words.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import { CRLF, formatEachOnce, formatRecords } from './csv-text.ts';
import type { ResultLayout } from './result-layout.ts';
import { actorOfRow, noteOfRow, type NoteOptions } from '../result-note.ts';

/**
 * Formats rows as lines of the result files, with cells in the order of the layout's header. A shorter row is filled
 * with empty cells, so that our columns stay in place. Text goes through csv-stringify and the formula guard where
 * necessary: the list's own cells, and each distinct code, message and note once. Numbers, classes, times and
 * correlation ids need neither.
 */
export function formatResultLines(
  rows: readonly ReportedRow[],
  layout: ResultLayout,
  options: NoteOptions,
): string[] {
  const original = formatRecords(rows.map((row) => fillUp(row.cells, layout.originalCount)));
  const notes = rows.map((row) => noteOfRow(row, options));
  const messages = rows.map(tellRejectionInBoth);
  const formatted = formatEachOnce([rows.map((row) => row.code), messages, notes]);
  const text = (cell: string | null | undefined): string => {
    if (cell === null || cell === undefined) return '';
    return formatted.size === 0 ? cell : (formatted.get(cell) ?? cell);
  };
  return rows.map((row, index) => {
    const actor = actorOfRow(row, options.nightsLimit);
    // Joined, not concatenated: a line in one piece is written twice as fast.
    return [
      original[index],
      row.line,
      row.class,
      text(row.code),
      text(messages[index]),
      actor,
      row.attempts,
      row.http_status,
      row.correlation_id,
      row.first_attempt_at,
      row.last_attempt_at,
      text(notes[index]),
      layout.runId + CRLF,
    ].join(',');
  });
}

/** Returns one row's cells, without the formula guard, in the order of the layout's header. */
export function resultCells(row: ReportedRow, layout: ResultLayout, options: NoteOptions): string[] {
  return [
    ...fillUp(row.cells, layout.originalCount),
    String(row.line),
    row.class,
    row.code ?? '',
    tellRejectionInBoth(row) ?? '',
    actorOfRow(row, options.nightsLimit),
    String(row.attempts),
    row.http_status === null ? '' : String(row.http_status),
    row.correlation_id ?? '',
    row.first_attempt_at ?? '',
    row.last_attempt_at ?? '',
    noteOfRow(row, options),
    layout.runId,
  ];
}

/** Returns the list's own cells of a row, as many as the layout has. */
export function fillUp(cells: readonly string[], count: number): readonly string[] {
  if (cells.length === count) return cells;
  return [...cells, ...Array.from({ length: count - cells.length }, () => '')];
}
