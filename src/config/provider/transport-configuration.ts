import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { variableOf, type Environment } from '../environment.ts';
import { resolveProxy } from './proxy-configuration.ts';
import type { Secret } from '../secret.ts';
import { resolveTls, type TlsConfiguration } from './tls-configuration.ts';

/** How connections to the provider are made. */
export interface TransportConfiguration {
  /** The whole URL, perhaps with user and password; null: no proxy. */
  readonly proxy: Secret | null;
  readonly tls: TlsConfiguration;
}

/**
 * Resolves the connection settings. Plain http, which is only for this machine, needs none of them, so their faults
 * do not matter then.
 */
export async function resolveTransport(
  baseUrl: string,
  environment: Environment,
): Promise<Checked<TransportConfiguration>> {
  if (!baseUrl.startsWith('https:')) return valid({ proxy: null, tls: { ca: null, client: null } });
  const proxy = resolveProxy(baseUrl, environment);
  const tls = await resolveTls(environment);
  const checking = checkVerification(environment);
  if (proxy.kind === 'refused' || tls.kind === 'refused' || checking.kind === 'refused') {
    return refused(...problemsOf(proxy, tls, checking));
  }
  return valid({ proxy: proxy.value, tls: tls.value });
}

/** Refuses a variable that would have no effect here, so that nobody believes it has one. */
function checkVerification(environment: Environment): Checked<null> {
  if (variableOf(environment, 'NODE_TLS_REJECT_UNAUTHORIZED') !== '0') return valid(null);
  return refused(
    'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are always checked; unset it, and name your own CA in KONA_TLS_CA',
  );
}
