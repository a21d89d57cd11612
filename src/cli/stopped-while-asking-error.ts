import type { ExitDecision } from '../domain/exit-cause.ts';
import { endBySignal, type StopSignal } from '../run/run-environment.ts';

/** A person or a signal ended the questions; nothing was done. */
export class StoppedWhileAskingError extends Error {
  readonly code = 'STOPPED_WHILE_ASKING';
  readonly end: ExitDecision;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal} before the last answer; nothing was written`);
    this.end = endBySignal(signal, this.message);
  }
}
