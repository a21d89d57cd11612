import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** Below the 5 s after which common servers drop an idle connection. */
const USUAL_KEEP_MS = 4_000;
/**
 * A connection that breaks after less idleness than this was not closed for it: no server is known to drop one so soon,
 * and a random fault between two quick calls must not make every call open a connection of its own.
 */
const SHORTEST_IDLE_MS = 200;

/** How long the connections of a run are kept without a call; what one of them learns holds for all. */
export class IdlePatience {
  private milliseconds = USUAL_KEEP_MS;

  get keepMs(): number {
    return this.milliseconds;
  }

  /** A kept connection turned out to be closed after so much idleness: from now on none is kept for half as long. */
  closedAfter(idleMs: number): void {
    if (idleMs < SHORTEST_IDLE_MS) return;
    this.milliseconds = Math.min(this.milliseconds, idleMs / 2);
  }
}

/**
 * One connection at a time, and how long it has been idle. A server that closes an idle connection just as a call leaves
 * on it makes the call ambiguous, as nobody can tell whether it was read; so it is left before that can happen. The
 * client's own keep-alive is fixed when it is made and can't learn.
 */
export class KeptConnection {
  private readonly patience: IdlePatience;
  private socket: Socket | null = null;
  /** `performance.now()` at the end of the last exchange; null: it has carried none. */
  private idleSince: number | null = null;
  private idleBefore: number | null = null;
  private leaving: NodeJS.Timeout | undefined;

  constructor(patience: IdlePatience) {
    this.patience = patience;
  }

  /** The connector, its sockets watched. */
  watch(connect: buildConnector.connector): buildConnector.connector {
    return (target, callback) => {
      connect(target, (...result) => {
        const [, socket] = result;
        clearTimeout(this.leaving);
        this.socket = socket;
        this.idleSince = null;
        callback(...result);
      });
    };
  }

  exchangeBegan(): void {
    clearTimeout(this.leaving);
    this.idleBefore = this.idleSince === null ? null : performance.now() - this.idleSince;
  }

  /** `isClosedUnanswered`: the other side closed it without a byte of an answer. */
  exchangeEnded(isClosedUnanswered: boolean): void {
    if (isClosedUnanswered && this.idleBefore !== null) this.patience.closedAfter(this.idleBefore);
    this.idleBefore = null;
    this.idleSince = performance.now();
    const { socket } = this;
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => socket?.destroy(), this.patience.keepMs);
    this.leaving.unref();
  }
}
