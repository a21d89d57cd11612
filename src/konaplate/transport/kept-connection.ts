import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** Common servers close an idle connection after 5 s; this is less. */
const USUAL_KEEP_MS = 4_000;
/**
 * A connection that breaks after less idle time was not closed for being idle: no known server closes one so soon. A
 * random fault between two quick calls must not make every call open its own connection.
 */
const SHORTEST_IDLE_MS = 200;

/** How long the connections of a run are kept without a call. What one connection learns holds for all. */
export class IdlePatience {
  private milliseconds = USUAL_KEEP_MS;
  private readonly connections = new Set<KeptConnection>();

  get keepMs(): number {
    return this.milliseconds;
  }

  /**
   * Called when a kept connection turned out to be closed after this idle time: from now on none is kept for more
   * than half as long.
   */
  closedAfter(idleMs: number): void {
    if (idleMs < SHORTEST_IDLE_MS) return;
    this.milliseconds = Math.min(this.milliseconds, idleMs / 2);
    // Connections that are idle now are about to be closed too.
    for (const connection of this.connections) connection.leaveInTime();
  }

  /** Registers a connection, which is told when the time gets shorter. */
  add(connection: KeptConnection): void {
    this.connections.add(connection);
  }
}

/**
 * Tracks one connection at a time and how long it has been idle. If a server closes an idle connection just as a call
 * leaves on it, the call is ambiguous, because nobody can tell whether it was read. So the connection is closed
 * before that can happen. The client's own keep-alive is fixed when it is created and can't learn.
 */
export class KeptConnection {
  private readonly patience: IdlePatience;
  private socket: Socket | null = null;
  /** `performance.now()` at the end of the last exchange; null: there was none yet. */
  private idleSince: number | null = null;
  private idleBefore: number | null = null;
  private isCarrying = false;
  private leaving: NodeJS.Timeout | undefined;

  constructor(patience: IdlePatience) {
    this.patience = patience;
    patience.add(this);
  }

  /** Wraps the connector to watch its sockets. */
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

  /** Whether the connection carried a call before the current one. */
  get isKept(): boolean {
    return this.idleBefore !== null;
  }

  /** Drops the connection, because its next answer could not be trusted. */
  drop(): void {
    this.socket?.destroy();
  }

  exchangeBegan(): void {
    clearTimeout(this.leaving);
    this.isCarrying = true;
    this.idleBefore = this.idleSince === null ? null : performance.now() - this.idleSince;
  }

  /** `isClosedUnanswered`: the other side closed the connection without a byte of an answer. */
  exchangeEnded(isClosedUnanswered: boolean): void {
    const { idleBefore } = this;
    this.isCarrying = false;
    this.idleBefore = null;
    this.idleSince = performance.now();
    this.leaveInTime();
    if (isClosedUnanswered && idleBefore !== null) this.patience.closedAfter(idleBefore);
  }

  /**
   * Sets or resets the time at which the connection is closed; closes it at once where it has been idle for longer
   * already.
   */
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
