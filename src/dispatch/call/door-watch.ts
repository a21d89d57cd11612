/** So many refusals of different records in a row mean that all calls are refused. */
const MOST_IN_A_ROW = 3;

/** What becomes of a record that was refused before the provider read its call. */
export type AfterRefusal =
  /** It waits, and is called once more after the others have come to their end. */
  | 'waits'
  /**
   * It was refused again while others were answered: something between us and the provider refuses this record alone.
   */
  | 'parked'
  /** All calls are refused. */
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
   * `isProved`: an answer has proved our set-up. Without a proof nothing tells that any call gets through.
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
