import type { ClaimedRecord } from '../../ledger/runs/claiming.ts';

/** A record that this process calls, with what it has done so far. */
export interface Task {
  readonly record: ClaimedRecord;
  /** Calls of this process that cost an attempt. */
  readonly paid: number;
  /** Calls of ours without an answer, those of earlier runs included. */
  readonly unanswered: number;
  /** Set where the next call asks for the member's plans. */
  readonly inquiry: Inquiry | null;
}

/** A class that the member's plans may settle. */
export interface Inquiry {
  readonly class: 'ambiguous' | 'conflict';
  /** Inquiries for it so far; a throttled one does not count. */
  readonly asked: number;
}

/** Makes the task of a record that this process has not called yet. */
export function beginTask(record: ClaimedRecord): Task {
  return { record, paid: 0, unanswered: record.unanswered, inquiry: null };
}
