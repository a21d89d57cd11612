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
  private readonly connections = new Set<KeptConnection>();

  get keepMs(): number {
    return this.milliseconds;
  }

  /** A kept connection turned out to be closed after so much idleness: from now on none is kept for half as long. */
  closedAfter(idleMs: number): void {
    if (idleMs < SHORTEST_IDLE_MS) return;
    this.milliseconds = Math.min(this.milliseconds, idleMs / 2);
    // Those that are idle now are about to be closed too.
    for (const connection of this.connections) connection.leaveInTime();
  }

  /** The connection is told when the patience has become shorter. */
  add(connection: KeptConnection): void {
    this.connections.add(connection);
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
  private isCarrying = false;
  private leaving: NodeJS.Timeout | undefined;

  constructor(patience: IdlePatience) {
    this.patience = patience;
    patience.add(this);
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

  /** Whether it carried a call before the one it carries now. */
  get isKept(): boolean {
    return this.idleBefore !== null;
  }

  /** What would come next on it is not to be trusted. */
  drop(): void {
    this.socket?.destroy();
  }

  exchangeBegan(): void {
    clearTimeout(this.leaving);
    this.isCarrying = true;
    this.idleBefore = this.idleSince === null ? null : performance.now() - this.idleSince;
  }

  /** `isClosedUnanswered`: the other side closed it without a byte of an answer. */
  exchangeEnded(isClosedUnanswered: boolean): void {
    const { idleBefore } = this;
    this.isCarrying = false;
    this.idleBefore = null;
    this.idleSince = performance.now();
    this.leaveInTime();
    if (isClosedUnanswered && idleBefore !== null) this.patience.closedAfter(idleBefore);
  }

  /** Sets, or sets anew, when the connection is left; at once where it has been idle for longer already. */
  leaveInTime(): void {
    const { socket, idleSince, isCarrying } = this;
    if (isCarrying || idleSince === null || socket === null) return;
    clearTimeout(this.leaving);
    const left = this.patience.keepMs - (performance.now() - idleSince);
    if (left <= 0) {
      socket.destroy();
      return;
    }
    this.leaving = setTimeout(() => socket.destroy(), left);
    this.leaving.unref();
  }
}
