import { randomInt } from 'node:crypto';
import { SetupProof } from '../dispatch/call/setup-trust.ts';
import { GuardTally } from '../dispatch/guards/guards.ts';

/** Four hexadecimal digits. */
const RUN_SUFFIXES = 0x10000;

/** What one process has done for its job so far, over all its lists. */
export class JobTally {
  readonly guards = new GuardTally();
  readonly setup = new SetupProof();
  /** Records claimed to be called: `--limit` counts them. */
  claimed = 0;
  /** Calls made from a person's own purse: `--max-calls` counts them. */
  ownCalls = 0;
  private runs = randomInt(RUN_SUFFIXES);

  /** The end of a run's id: many lists are begun within one second, and no two of them may share it. */
  nextRunSuffix(): number {
    this.runs = (this.runs + 1) % RUN_SUFFIXES;
    return this.runs;
  }
}
