/**
 * The provider simulator in a thread of its own, so that a test may block its own thread while the provider goes on
 * writing down arrivals. Tells where it is; asked for anything, tells its calls and ends.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { FaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import { startSandbox } from '../../src/sandbox/wire/server.ts';

async function serve(port: MessagePort): Promise<void> {
  const sandbox = await startSandbox({ faults: workerData as FaultPlan });
  port.once('message', () => {
    const calls = sandbox.calls();
    void sandbox.close().then(() => {
      port.postMessage(calls);
    });
  });
  port.postMessage({ baseUrl: sandbox.baseUrl, credentials: sandbox.credentials });
}

if (parentPort !== null) await serve(parentPort);
