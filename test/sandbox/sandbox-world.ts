import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/wire/server.ts';

/** A sandbox that ends with its test. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(async () => {
    await sandbox.close();
  });
  return sandbox;
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  onTestFinished(async () => {
    await rm(folder, { recursive: true });
  });
  return folder;
}

/** What `run` threw: its stable code and its sentence. */
export async function catchCoded(run: () => unknown): Promise<{ code: unknown; message: string }> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return { code: 'code' in error ? error.code : null, message: error.message };
  }
  return { code: 'nothing was thrown', message: '' };
}
