import { SetupProof } from '../dispatch/call/setup-trust.ts';
import { GuardTally } from '../dispatch/guard-tally.ts';

/** What one process has done for its job so far, over all its lists. */
export class JobTally {
  readonly guards = new GuardTally();
  readonly setup = new SetupProof();
  /** Records claimed to be called: `--limit` counts them. */
  claimed = 0;
}
