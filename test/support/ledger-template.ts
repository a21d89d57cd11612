import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An embedded ledger, closed and migrated, to be copied: making one takes some seconds. */
    ledgerTemplate: string;
  }
}

/** Once for the whole suite, before the first test; returns what takes it away again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-template-'));
  const ledger = await openLedger({ kind: 'embedded', folder });
  await ledger.close();
  project.provide('ledgerTemplate', folder);
  return async () => {
    await rm(folder, { recursive: true, force: true });
  };
}
