import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.ts';

export interface Workplace {
  readonly cwd: string;
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
}

/** A working folder of its own for one test, removed when the test ends. */
export async function createWorkplace(): Promise<Workplace> {
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'kona-config-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  return {
    cwd,
    write: async (name, content) => {
      const file = path.join(cwd, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
  };
}

/** The problems a call is refused with; a call that is accepted fails the test. */
export async function problemsOfRefusal(call: Promise<unknown>): Promise<readonly string[]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('accepted, but a refusal was expected');
}

/** Credentials of the right form; none of them stands anywhere else. */
export const planted = {
  aspId: 'ASP-0123456789A',
  accessKey: 'planted-access-key-0123456789-0123456789',
  secretKey: 'planted-secret-key',
  password: 'planted%21password',
} as const;

export const credentials = {
  KONA_ASP_ID: planted.aspId,
  KONA_ACCESS_KEY: planted.accessKey,
  KONA_SECRET_KEY: planted.secretKey,
} as const;
