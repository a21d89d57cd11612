import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';
import type { DeskPerson } from '../../ledger/desk/audit-trail.ts';

/** A person who uses the desk. */
export interface Person extends DeskPerson {
  /** The roles are empty for a person who is known but may do nothing here. */
  readonly roles: ReadonlySet<DeskRole>;
}
