import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { variableOf, type Environment } from '../environment.ts';
import { resolveProxy } from './proxy-configuration.ts';
import type { Secret } from '../secret.ts';
import { resolveTls, type TlsConfiguration } from './tls-configuration.ts';

/** How connections to the provider are made. */
export interface TransportConfiguration {
  /** The URL whole, maybe with user and password; null: no proxy. */
  readonly proxy: Secret | null;
  readonly tls: TlsConfiguration;
}

/** Plain http, which is for this machine alone, needs none of it, and what is wrong with it is nobody's matter then. */
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

/** It would not work here anyway; said aloud, so that nobody believes it did. */
function checkVerification(environment: Environment): Checked<null> {
  if (variableOf(environment, 'NODE_TLS_REJECT_UNAUTHORIZED') !== '0') return valid(null);
  return refused(
    'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are always checked; unset it, and name your own CA in KONA_TLS_CA',
  );
}
