import type { IncomingHttpHeaders } from 'node:http';

/** A browser on this machine calls the desk by one of these names. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Returns whether a request was addressed to this desk: to its public origin, or to this machine where the desk has no
 * public origin. A foreign page whose name was made to resolve to this machine (DNS rebinding) still sends its own name
 * as the host.
 */
export function isForDesk(headers: IncomingHttpHeaders, origin: string | null): boolean {
  return origin === null ? isForLoopback(headers) : headers.host?.toLowerCase() === new URL(origin).host;
}

function isForLoopback({ host }: IncomingHttpHeaders): boolean {
  const name = /^(?<name>[^:[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.exec(host ?? '')?.groups?.['name'];
  return name !== undefined && OWN_NAMES.has(name.toLowerCase());
}

/**
 * Returns whether a page of this desk sent the request. A browser says where a request comes from, and no page can
 * change that. Our pages send no referrer, so the origin of their forms is "null".
 */
export function isFromOurPages(headers: IncomingHttpHeaders, ours: string | null): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  const isToldBySite = site === 'same-origin' && (origin === undefined || origin === 'null');
  return isToldBySite || (host !== undefined && origin === (ours ?? `http://${host}`));
}
