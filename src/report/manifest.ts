import type { FileFacts } from './unfinished-file.ts';
import type { Summary } from './summary.ts';

/** What the folder holds, by hash. Made again it differs in `generatedAt` alone. */
export interface Manifest {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly generatedAt: string;
  readonly input: { readonly name: string; readonly sha256: string | null };
  /** By name. */
  readonly files: readonly FileFacts[];
}

export function createManifest(summary: Summary, files: readonly FileFacts[], generatedAt: Date): Manifest {
  return {
    schemaVersion: 1,
    runId: summary.runId,
    generatedAt: generatedAt.toISOString(),
    input: { name: summary.list.name, sha256: summary.list.sha256 },
    files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
