import type { ExitDecision } from '../../domain/exit-cause.ts';
import { endBySignal, type StopSignal } from '../run-environment.ts';

/** The process was asked to stop before a call was made: the run stages again next time. */
export class StoppedWhileStagingError extends Error {
  readonly code = 'STOPPED_WHILE_STAGING';
  readonly end: ExitDecision;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal} while the list was being read; nothing was called`);
    this.end = endBySignal(signal, this.message);
  }
}

/** The process was asked to stop while it waited for another to end: nothing was begun. */
export class StoppedWhileWaitingError extends Error {
  readonly code = 'STOPPED_WHILE_WAITING';
  readonly end: ExitDecision;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal} while waiting for another process to end; nothing was begun`);
    this.end = endBySignal(signal, this.message);
  }
}
