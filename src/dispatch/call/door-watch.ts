/** So many refusals in a row, of different records, are no dislike of one record. */
const MOST_IN_A_ROW = 3;

/** What becomes of a record that was refused before the provider read its call. */
export type AfterRefusal =
  /** It waits, and is tried once more when the others are through. */
  | 'waits'
  /** Refused again while others were answered: somebody between us and the provider dislikes this one record. */
  | 'parked'
  /** The door is closed to all. */
  | 'stop';

/**
 * Tells a door that is closed (a wrong address, credentials revoked) from one that refuses single records, as a
 * firewall does that dislikes something in a body.
 */
export class DoorWatch {
  private readonly refused = new Set<string>();
  private inARow = 0;
  private answered = 0;

  /** The provider itself has answered a call. */
  noteAnswer(): void {
    this.answered += 1;
    this.inARow = 0;
  }

  /**
   * `isProved`: an answer has proved our set-up; without one nothing tells that anybody gets in.
   * `wasRefused`: the record's last call in an earlier run ended like this too.
   */
  judge(recordNo: string, isProved: boolean, wasRefused: boolean): AfterRefusal {
    if (!isProved) return 'stop';
    const isAgain = wasRefused || this.refused.has(recordNo);
    if (isAgain && this.answered > 0) return 'parked';
    if (this.refused.has(recordNo)) return 'stop';
    this.refused.add(recordNo);
    this.inARow += 1;
    return this.inARow >= MOST_IN_A_ROW ? 'stop' : 'waits';
  }
}
