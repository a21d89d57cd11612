/** A member with more than a tenth of the rows is one of at most nine: ten counters find every such one. */
const COUNTERS = 10;

/** Whose cards are to be counted once all rows are staged. Holds ids: never to be shown or kept. */
export interface FrequentMembers {
  /** Every member with more than a tenth of the rows, and perhaps some others. */
  readonly userIds: readonly string[];
  /** Rows whose user id has 16 digits or more and nothing but zeros from the 16th on. */
  readonly zeroEndedRows: number;
}

/**
 * Finds members with many rows in one pass and ten counters, however long the list is (Misra and Gries): a row of
 * somebody who has no counter takes one off each. Who has more rows than an eleventh of all keeps a counter.
 */
export class FrequentMemberWatch {
  private readonly counters = new Map<string, number>();
  private rows = 0;
  /** Times that one was taken off every counter: no count is too low by more. */
  private rounds = 0;
  private zeroEndedRows = 0;

  look(userId: string): void {
    this.rows += 1;
    if (isZeroEnded(userId)) this.zeroEndedRows += 1;
    const count = this.counters.get(userId);
    if (count !== undefined || this.counters.size < COUNTERS) {
      this.counters.set(userId, (count ?? 0) + 1);
      return;
    }
    this.rounds += 1;
    for (const [other, left] of this.counters) {
      if (left === 1) this.counters.delete(other);
      else this.counters.set(other, left - 1);
    }
  }

  finish(): FrequentMembers {
    const likely = [...this.counters].filter(([, count]) => count + this.rounds > this.rows / COUNTERS);
    return { userIds: likely.map(([userId]) => userId), zeroEndedRows: this.zeroEndedRows };
  }
}

/** A spreadsheet keeps 15 digits of a number and writes zeros for the rest. */
export function isZeroEnded(userId: string): boolean {
  return userId.length >= 16 && userId.endsWith('0') && /^\d{15}0+$/.test(userId);
}
