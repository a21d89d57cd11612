import { refused, valid, type Checked } from '../checked.ts';
import type { Environment } from '../environment.ts';
import { Secret } from '../secret.ts';
import { bareHost, isInRange, isThisMachine } from '../this-machine.ts';

/** Both spellings are common; where a source has both, lower case counts, as in curl. */
const spellings = {
  https: ['https_proxy', 'HTTPS_PROXY'],
  all: ['all_proxy', 'ALL_PROXY'],
  none: ['no_proxy', 'NO_PROXY'],
} as const;

/** Their values may contain user and password. */
export const proxyVariables: readonly string[] = [...spellings.https, ...spellings.all];

/**
 * Returns the proxy to this address, null for none. HTTP_PROXY is not read, because http:// is allowed only for this
 * machine, and this machine is never reached through a proxy.
 */
export function resolveProxy(baseUrl: string, environment: Environment): Checked<Secret | null> {
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' || isThisMachine(url.hostname)) return valid(null);
  const found = findVariable(environment, spellings.https) ?? findVariable(environment, spellings.all);
  if (found === null) return valid(null);
  if (isExcepted(url, findVariable(environment, spellings.none)?.value ?? '')) return valid(null);
  if (isProxyUrl(found.value)) return valid(new Secret(found.value));
  return refused(
    `${found.name}: expected the http:// or https:// URL of a proxy, such as http://proxy.example:3128; in its user and password write the characters % # / ? @ as %25 %23 %2F %3F %40`,
  );
}

/** Returns every proxy URL at hand, used or not, with its password in each spelling that may occur. */
export function proxySecrets(environment: Environment): readonly Secret[] {
  const values = environment.layers.flatMap((layer) => proxyVariables.map((name) => layer[name] ?? ''));
  const texts = new Set([...values, ...values.flatMap(credentialsIn)]);
  return [...texts].filter((text) => text !== '').map((text) => new Secret(text));
}

/** Returns the credentials in a URL. A user without a password is a token, which is just as secret. */
function credentialsIn(value: string): readonly string[] {
  const url = URL.parse(value);
  if (url === null || url.username + url.password === '') return [];
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  return url.password === '' ? [url.username, user, basic] : [url.password, password, basic];
}

function decoded(text: string): string {
  return canDecode(text) ? decodeURIComponent(text) : text;
}

function canDecode(text: string): boolean {
  try {
    return decodeURIComponent(text).isWellFormed();
  } catch {
    return false;
  }
}

interface Found {
  readonly name: string;
  readonly value: string;
}

/**
 * Finds a variable; the stronger source decides. An empty value counts as not set, but still hides a weaker source's
 * value.
 */
function findVariable(environment: Environment, names: readonly string[]): Found | null {
  for (const layer of environment.layers) {
    const given = names.map((name) => ({ name, value: layer[name] }));
    const found = given.find((one): one is Found => one.value !== undefined && one.value !== '');
    if (found !== undefined) return found;
    if (given.some((one) => one.value !== undefined)) return null;
  }
  return null;
}

/**
 * Returns whether a text is a proxy's URL. A path or query is refused too, because an unescaped character in a
 * password cuts the URL in the wrong place.
 */
function isProxyUrl(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return false;
  return canDecode(url.username) && canDecode(url.password);
}

/**
 * Returns whether NO_PROXY names the host of `url`. Entries are separated by commas or blanks: `*`; a name, which
 * includes all names below it, with or without a dot before it; an address or a range (`10.0.0.0/8`). Each may have a
 * port.
 */
export function isExcepted(url: URL, noProxy: string): boolean {
  const host = bareHost(url.hostname);
  const port = url.port === '' ? '443' : url.port;
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && isNamedBy(entry, host, port));
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/;

function isNamedBy(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, address, name, wantedPort = port] = WITH_PORT.exec(entry) ?? [];
  if (wantedPort !== port) return false;
  const named = bareHost(address ?? name ?? entry);
  if (isInRange(host, named)) return true;
  const domain = named.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}
