import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import type { NotifiedUrl } from '../../config/notification.ts';

/**
 * Sends one POST without a second attempt. Rejects where the answer is not 2xx, or none came before `deadline` is
 * aborted. The message never contains the URL, which is as secret as a password.
 */
export async function callUrl(
  { url, proxy }: NotifiedUrl,
  sent: { readonly path?: string; readonly body: string; readonly type: string },
  deadline: AbortSignal,
): Promise<void> {
  const dispatcher = createDispatcher(proxy?.reveal() ?? null);
  try {
    const answer = await request(withPath(url.reveal(), sent.path ?? ''), {
      method: 'POST',
      dispatcher,
      signal: deadline,
      headers: { 'content-type': sent.type },
      body: sent.body,
    });
    await answer.body.dump();
    if (answer.statusCode < 200 || answer.statusCode > 299)
      throw new Error(`the answer was HTTP ${answer.statusCode}`);
  } finally {
    // Do not wait for a connection that hangs.
    void dispatcher.destroy().catch(() => undefined);
  }
}

function createDispatcher(proxy: string | null): Dispatcher {
  const options = { allowH2: false, pipelining: 1 } as const;
  return proxy === null ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy });
}

/** Appends `path` to the URL's path, before its query. */
function withPath(text: string, path: string): URL {
  const url = new URL(text);
  if (path !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  return url;
}
