import type { DeskRole, DeskSignIn } from '../../config/desk/sign-in-configuration.ts';

/** Who somebody is, as a proxy or a provider says. */
export interface Identity {
  /** E-mail address in lower case. */
  readonly email: string;
  readonly groups: readonly string[];
}

const EMAIL = /^[^\s@,;"<>\\]{1,64}@[a-z0-9.-]{1,255}$/u;

/** An e-mail address as the desk compares and keeps it; null: it is none. */
export function normalEmail(text: string): string | null {
  const email = text.trim().toLowerCase();
  return EMAIL.test(email) ? email : null;
}

/** Who uploads or approves also sees; who only sees does nothing else. */
export function rolesOf({ email, groups }: Identity, roles: DeskSignIn['roles']): ReadonlySet<DeskRole> {
  const has = (role: DeskRole): boolean =>
    roles[role].emails.includes(email) || roles[role].groups.some((group) => groups.includes(group));
  const given = (['uploader', 'approver'] as const).filter(has);
  return new Set<DeskRole>(given.length > 0 || has('viewer') ? ['viewer', ...given] : []);
}

/** Those groups that give anybody a role. */
export function tellingGroups(groups: readonly string[], roles: DeskSignIn['roles']): readonly string[] {
  const telling = new Set(Object.values(roles).flatMap((members) => members.groups));
  return groups.filter((group) => telling.has(group));
}
