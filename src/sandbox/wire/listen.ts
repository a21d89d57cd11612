import type { Server } from 'node:http';
import { createSandboxError } from '../sandbox-error.ts';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Listens and returns the base URL. Throws SANDBOX_LISTEN_FAILED with the system's error as its cause. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(createSandboxError('SANDBOX_LISTEN_FAILED', `sandbox can't listen on ${host}:${port}`, error));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw createSandboxError('SANDBOX_LISTEN_FAILED', 'sandbox has no address after listening');
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
