import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';

/** Who uses the desk. */
export interface Person {
  /** As the ledger keeps it: the e-mail address in lower case; of the one person at this machine, the user's name. */
  readonly name: string;
  /** Empty: somebody who is known, and may do nothing here. */
  readonly roles: ReadonlySet<DeskRole>;
}
