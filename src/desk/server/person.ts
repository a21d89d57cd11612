import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';

/** A person who uses the desk. */
export interface Person {
  /**
   * The person's name in the ledger: their e-mail address in lower case, or the user's name where one person at this
   * machine uses the desk.
   */
  readonly name: string;
  /** The roles are empty for a person who is known but may do nothing here. */
  readonly roles: ReadonlySet<DeskRole>;
}
