import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Configuration } from '../../config/configuration.ts';
import type { StopSignal } from '../../run/run-environment.ts';
import { StoppedWhileStagingError } from '../../run/lock/stopped-early.ts';
import type { Host } from '../host.ts';

/** Name of a list that came through standard input. */
const FILE_NAME = 'stdin';

/**
 * Stores standard input, where the configuration names it, in a file of our own while `work` goes on, because a list
 * is read more than once. Nobody else may read the file, and it is deleted afterwards.
 */
export async function withStandardInput<Result>(
  host: Host,
  configuration: Configuration,
  work: (configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const asked = configuration.lists.find((list) => list.kind === 'standard_input');
  if (asked === undefined) return await work(configuration);
  return await withReceivedInput(host, async (path) => {
    return await work({ ...configuration, lists: [{ kind: 'file', path, sheet: asked.sheet }] });
  });
}

/** The same for work that must look into the file before it has a configuration. */
export async function withReceivedInput<Result>(
  host: Host,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-enroll-'));
  try {
    const path = join(folder, FILE_NAME);
    await receive(host, path);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** If it is asked to stop meanwhile, what was received so far is deleted too, because it holds ids. */
async function receive(host: Host, path: string): Promise<void> {
  const stop = new AbortController();
  const stopListening = host.onStopSignal((signal) => {
    stop.abort(signal);
  });
  try {
    await pipeline(host.stdin(), createWriteStream(path, { mode: 0o600 }), { signal: stop.signal });
  } catch (error) {
    throw stop.signal.aborted ? new StoppedWhileStagingError(stop.signal.reason as StopSignal) : error;
  } finally {
    stopListening();
  }
}
