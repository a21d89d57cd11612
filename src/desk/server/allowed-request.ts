import type { IncomingHttpHeaders } from 'node:http';

/** Names by which a browser on this machine calls it. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request was addressed to this desk: by its public origin, or, where it has none, as this machine. A page of
 * somebody else's whose name was made to lead here (DNS rebinding) still gives its own name.
 */
export function isForDesk(headers: IncomingHttpHeaders, origin: string | null): boolean {
  return origin === null ? isForLoopback(headers) : headers.host?.toLowerCase() === new URL(origin).host;
}

function isForLoopback({ host }: IncomingHttpHeaders): boolean {
  const name = /^(?<name>[^:[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.exec(host ?? '')?.groups?.['name'];
  return name !== undefined && OWN_NAMES.has(name.toLowerCase());
}

/**
 * Whether one of our own pages sent it. A browser says where a request comes from, and no page can change that. Our pages
 * tell no referrer, so that the origin of their forms is "null".
 */
export function isFromOurPages(headers: IncomingHttpHeaders, ours: string | null): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  const isToldBySite = site === 'same-origin' && (origin === undefined || origin === 'null');
  return isToldBySite || (host !== undefined && origin === (ours ?? `http://${host}`));
}
