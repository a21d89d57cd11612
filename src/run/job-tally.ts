import { GuardTally } from '../dispatch/guard-tally.ts';

/** What one process has done for its job so far, over all its lists. */
export class JobTally {
  readonly guards = new GuardTally();
  /** Records claimed to be called: `--limit` counts them. */
  claimed = 0;
}
