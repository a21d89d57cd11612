/** At most nine members can have more than a tenth of the rows each, so ten counters find them all. */
const COUNTERS = 10;

/** The members whose cards are counted once all rows are staged. Holds ids: never show or keep them. */
export interface FrequentMembers {
  /** Every member with more than a tenth of the rows, and perhaps some others. */
  readonly userIds: readonly string[];
  /** Rows whose user id has 16 digits or more with only zeros from the 16th on. */
  readonly zeroEndedRows: number;
}

/**
 * Finds members with many rows in one pass with ten counters, however long the list is (the Misra-Gries algorithm): a
 * row of a member without a counter lowers every counter by one. A member with more than an eleventh of all rows
 * keeps a counter.
 */
export class FrequentMemberWatch {
  private readonly counters = new Map<string, number>();
  private rows = 0;
  /** How often all counters were lowered by one; no count is too low by more than this. */
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

/**
 * Returns whether an id has only zeros after the 15th digit. A spreadsheet keeps 15 digits of a number and writes
 * zeros for the rest.
 */
export function isZeroEnded(userId: string): boolean {
  return userId.length >= 16 && userId.endsWith('0') && /^\d{15}0+$/.test(userId);
}
