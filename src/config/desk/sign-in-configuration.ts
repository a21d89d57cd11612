import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { ConfigurationError } from '../configuration-error.ts';
import type { ConfigurationInput } from '../configuration.ts';
import { openEnvironment, secretOf, variableOf, type Environment } from '../environment.ts';
import type { environmentTable } from '../environment-table.ts';
import { Secret } from '../secret.ts';
import { isThisMachine } from '../this-machine.ts';

/** The roles that a person can have at the desk. */
export type DeskRole = 'viewer' | 'uploader' | 'approver';

/** The members of a role: e-mail addresses in lower case, and groups as they are written. */
export interface RoleMembers {
  readonly emails: readonly string[];
  readonly groups: readonly string[];
}

/** An identity-aware proxy in front of the desk says who sends a request. */
export interface ProxySignIn {
  readonly kind: 'proxy';
  readonly secret: Secret;
  /** The name of a header, in lower case. */
  readonly emailHeader: string;
  readonly groupsHeader: string;
}

/** People sign in at an OpenID Connect provider. */
export interface OidcSignIn {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string;
  readonly groupsClaim: string;
}

/** The way people sign in at the desk, and the members of each role. */
export interface DeskSignIn {
  /** The origin under which browsers reach the desk, such as `https://desk.example.com`. */
  readonly origin: string;
  readonly way: ProxySignIn | OidcSignIn;
  readonly roles: Readonly<Record<DeskRole, RoleMembers>>;
}

/** A proxy sends the shared secret in this header, whose name is in lower case. */
export const PROXY_SECRET_HEADER = 'x-kona-desk-secret';

const USUAL_EMAIL_HEADER = 'X-Auth-Request-Email';
const USUAL_GROUPS_HEADER = 'X-Auth-Request-Groups';
const USUAL_SCOPE = 'openid email';
const USUAL_GROUPS_CLAIM = 'groups';
const SHORTEST_SECRET = 32;

type DeskVariable = Extract<keyof typeof environmentTable, `KONA_DESK_${string}`>;
type Written = Readonly<Record<DeskVariable, string | null>>;

/** Loads the sign-in of the desk that is served. Rejects with ConfigurationError where its settings are wrong. */
export async function loadDeskSignIn({
  env,
  cwd,
}: Pick<ConfigurationInput, 'env' | 'cwd'>): Promise<DeskSignIn | null> {
  const environment = await openEnvironment(env, cwd);
  const signIn = environment.kind === 'refused' ? environment : await resolveDeskSignIn(environment.value);
  if (signIn.kind === 'refused') throw new ConfigurationError(signIn.problems);
  return signIn.value;
}

/**
 * Resolves to null where no sign-in is set up, so that the desk serves one person at this machine. Refuses a sign-in
 * that is set up in part.
 */
export async function resolveDeskSignIn(environment: Environment): Promise<Checked<DeskSignIn | null>> {
  const [proxySecret, clientSecret] = await Promise.all([
    secretOf(environment, 'KONA_DESK_PROXY_SECRET'),
    secretOf(environment, 'KONA_DESK_OIDC_CLIENT_SECRET'),
  ]);
  if (proxySecret.kind === 'refused' || clientSecret.kind === 'refused')
    return refused(...problemsOf(proxySecret, clientSecret));
  const plain = (name: DeskVariable): string | null => variableOf(environment, name);
  const written: Written = {
    KONA_DESK_URL: plain('KONA_DESK_URL'),
    KONA_DESK_PROXY_SECRET: proxySecret.value,
    KONA_DESK_PROXY_HEADER: plain('KONA_DESK_PROXY_HEADER'),
    KONA_DESK_PROXY_GROUPS_HEADER: plain('KONA_DESK_PROXY_GROUPS_HEADER'),
    KONA_DESK_OIDC_ISSUER: plain('KONA_DESK_OIDC_ISSUER'),
    KONA_DESK_OIDC_CLIENT_ID: plain('KONA_DESK_OIDC_CLIENT_ID'),
    KONA_DESK_OIDC_CLIENT_SECRET: clientSecret.value,
    KONA_DESK_OIDC_SCOPE: plain('KONA_DESK_OIDC_SCOPE'),
    KONA_DESK_OIDC_GROUPS_CLAIM: plain('KONA_DESK_OIDC_GROUPS_CLAIM'),
    KONA_DESK_UPLOADERS: plain('KONA_DESK_UPLOADERS'),
    KONA_DESK_APPROVERS: plain('KONA_DESK_APPROVERS'),
    KONA_DESK_VIEWERS: plain('KONA_DESK_VIEWERS'),
  };
  if (Object.values(written).every((value) => value === null)) return valid(null);
  const way = wayOf(written);
  const origin = originOf(written.KONA_DESK_URL);
  const roles = rolesOf(written);
  if (way.kind === 'refused' || origin.kind === 'refused' || roles.kind === 'refused')
    return refused(...problemsOf(way, origin, roles));
  return valid({ origin: origin.value, way: way.value, roles: roles.value });
}

function wayOf(written: Written): Checked<ProxySignIn | OidcSignIn> {
  const names = Object.keys(written) as DeskVariable[];
  const firstOf = (which: RegExp): DeskVariable | undefined =>
    names.find((name) => which.test(name) && written[name] !== null);
  const firstOfOidc = firstOf(/_OIDC_/);
  const firstOfProxy = firstOf(/_PROXY_/);
  if (firstOfOidc !== undefined && firstOfProxy !== undefined)
    return refused(
      `${firstOfProxy} and ${firstOfOidc} are both set; people sign in by a proxy or by OpenID Connect`,
    );
  if (firstOfProxy !== undefined) return proxyOf(written);
  if (firstOfOidc !== undefined) return oidcOf(written);
  return refused(
    `${firstOf(/^/) ?? ''} is set, and no way to sign in: set KONA_DESK_PROXY_SECRET, or KONA_DESK_OIDC_ISSUER with its client`,
  );
}

const HEADER_NAME = /^[A-Za-z0-9-]{1,100}$/;

function proxyOf(written: Written): Checked<ProxySignIn> {
  const secret = written.KONA_DESK_PROXY_SECRET;
  const emailHeader = written.KONA_DESK_PROXY_HEADER ?? USUAL_EMAIL_HEADER;
  const groupsHeader = written.KONA_DESK_PROXY_GROUPS_HEADER ?? USUAL_GROUPS_HEADER;
  if (secret === null)
    return refused('KONA_DESK_PROXY_SECRET is not set: without it anybody could name anybody');
  if (secret.length < SHORTEST_SECRET || !/^[\x21-\x7e]+$/.test(secret))
    return refused(`KONA_DESK_PROXY_SECRET: expected at least ${SHORTEST_SECRET} characters without blanks`);
  if (!HEADER_NAME.test(emailHeader) || !HEADER_NAME.test(groupsHeader))
    return refused('KONA_DESK_PROXY_HEADER, KONA_DESK_PROXY_GROUPS_HEADER: expected names of headers');
  const names = [emailHeader, groupsHeader].map((name) => name.toLowerCase());
  const [email = '', groups = ''] = names;
  if (new Set([...names, PROXY_SECRET_HEADER]).size < 3)
    return refused(
      'KONA_DESK_PROXY_HEADER, KONA_DESK_PROXY_GROUPS_HEADER: expected two headers of their own',
    );
  return valid({ kind: 'proxy', secret: new Secret(secret), emailHeader: email, groupsHeader: groups });
}

function oidcOf(written: Written): Checked<OidcSignIn> {
  const { KONA_DESK_OIDC_ISSUER: issuer, KONA_DESK_OIDC_CLIENT_ID: clientId } = written;
  const secret = written.KONA_DESK_OIDC_CLIENT_SECRET;
  if (issuer === null || clientId === null || secret === null)
    return refused(
      'OpenID Connect needs KONA_DESK_OIDC_ISSUER, KONA_DESK_OIDC_CLIENT_ID and KONA_DESK_OIDC_CLIENT_SECRET',
    );
  if (!isSafeAddress(issuer))
    return refused('KONA_DESK_OIDC_ISSUER: expected an https:// URL, or http:// on this machine');
  const scope = written.KONA_DESK_OIDC_SCOPE ?? USUAL_SCOPE;
  if (!scope.split(' ').includes('openid')) return refused('KONA_DESK_OIDC_SCOPE: openid is missing');
  const groupsClaim = written.KONA_DESK_OIDC_GROUPS_CLAIM ?? USUAL_GROUPS_CLAIM;
  return valid({ kind: 'oidc', issuer, clientId, clientSecret: new Secret(secret), scope, groupsClaim });
}

function originOf(text: string | null): Checked<string> {
  if (text === null)
    return refused('KONA_DESK_URL is not set: the address under which browsers reach the desk');
  const url = URL.parse(text);
  const isOrigin =
    url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  return isOrigin && isSafeAddress(text)
    ? valid(url.origin)
    : refused('KONA_DESK_URL: expected https://host, without a path; http:// on this machine alone');
}

/** Returns whether nobody can read the traffic on its way: it is encrypted, or does not leave this machine. */
function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname));
}

function rolesOf(written: Written): Checked<DeskSignIn['roles']> {
  const uploader = membersOf(written.KONA_DESK_UPLOADERS);
  const approver = membersOf(written.KONA_DESK_APPROVERS);
  const viewer = membersOf(written.KONA_DESK_VIEWERS);
  const missing = [
    ...(isNobody(uploader) ? ['KONA_DESK_UPLOADERS'] : []),
    ...(isNobody(approver) ? ['KONA_DESK_APPROVERS'] : []),
  ];
  return missing.length > 0
    ? refused(`${missing.join(' and ')} not set: nothing could be uploaded and approved by two people`)
    : valid({ uploader, approver, viewer });
}

function isNobody({ emails, groups }: RoleMembers): boolean {
  return emails.length + groups.length === 0;
}

/** Splits a list of members. A name that contains @ is an e-mail address. */
function membersOf(text: string | null): RoleMembers {
  const names = (text ?? '')
    .normalize('NFC')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    emails: names.filter((name) => name.includes('@')).map((name) => name.toLowerCase()),
    groups: names.filter((name) => !name.includes('@')),
  };
}
