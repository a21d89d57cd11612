import type { DeskRole, DeskSignIn } from '../../config/desk/sign-in-configuration.ts';

/** A person, as a proxy or a provider names them. */
export interface Identity {
  /** The e-mail address in lower case. */
  readonly email: string;
  /** The account at the provider: its issuer, `#`, and `sub`; null where a proxy names an address alone. */
  readonly account: string | null;
  readonly groups: readonly string[];
}

const EMAIL = /^[^\s@,;"<>\\]{1,64}@[a-z0-9.-]{1,255}$/u;

/**
 * Returns an e-mail address in the form that the desk compares and stores; null where the text is no e-mail address.
 */
export function normalEmail(text: string): string | null {
  // Two spellings of the same letters are one address.
  const email = text.normalize('NFC').trim().toLowerCase();
  return EMAIL.test(email) ? email : null;
}

/** Returns a person's roles. Uploaders and approvers may also view; viewers may do nothing else. */
export function rolesOf(
  { email, groups }: Pick<Identity, 'email' | 'groups'>,
  roles: DeskSignIn['roles'],
): ReadonlySet<DeskRole> {
  const has = (role: DeskRole): boolean =>
    roles[role].emails.includes(email) || roles[role].groups.some((group) => groups.includes(group));
  const given = (['uploader', 'approver'] as const).filter(has);
  return new Set<DeskRole>(given.length > 0 || has('viewer') ? ['viewer', ...given] : []);
}

/** Returns only the groups that give somebody a role. */
export function tellingGroups(groups: readonly string[], roles: DeskSignIn['roles']): readonly string[] {
  const telling = new Set(Object.values(roles).flatMap((members) => members.groups));
  return groups.filter((group) => telling.has(group));
}
