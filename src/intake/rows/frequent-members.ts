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
  /** The members with a counter, and their counts in the same order. */
  private readonly userIds: string[] = [];
  private readonly counts: number[] = [];
  private rows = 0;
  /** How often all counters were lowered by one; no count is too low by more than this. */
  private rounds = 0;
  private zeroEndedRows = 0;

  look(userId: string): void {
    this.rows += 1;
    if (isZeroEnded(userId)) this.zeroEndedRows += 1;
    const { userIds, counts } = this;
    const at = userIds.indexOf(userId);
    if (at !== -1) {
      counts[at] = (counts[at] ?? 0) + 1;
    } else if (userIds.length < COUNTERS) {
      userIds.push(userId);
      counts.push(1);
    } else {
      this.lowerAll();
    }
  }

  private lowerAll(): void {
    const { userIds, counts } = this;
    this.rounds += 1;
    let kept = 0;
    for (const [at, count] of counts.entries()) {
      if (count === 1) continue;
      userIds[kept] = userIds[at] ?? '';
      counts[kept] = count - 1;
      kept += 1;
    }
    userIds.length = kept;
    counts.length = kept;
  }

  finish(): FrequentMembers {
    const isLikely = (count: number): boolean => count + this.rounds > this.rows / COUNTERS;
    const userIds = this.userIds.filter((_, at) => isLikely(this.counts[at] ?? 0));
    return { userIds, zeroEndedRows: this.zeroEndedRows };
  }
}

/**
 * Returns whether an id has only zeros after the 15th digit. A spreadsheet keeps 15 digits of a number and writes
 * zeros for the rest.
 */
export function isZeroEnded(userId: string): boolean {
  return userId.length >= 16 && userId.endsWith('0') && /^\d{15}0+$/.test(userId);
}
