import { z } from 'zod';
import type { FileFacts } from './unfinished-file.ts';
import type { Summary } from '../summary.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();

/** Schema of manifest.json. The order of the keys is their order in the file. Later versions may add keys. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  generatedAt: time.describe(
    'when the folder was written; everything else is the same whenever it is written',
  ),
  programVersion: z
    .string()
    .nullable()
    .optional()
    .describe('version of kona-enroll that ran it last; null: that version did not record it'),
  input: z.object({
    name: z.string(),
    sha256: z
      .string()
      .nullable()
      .describe('SHA-256 of the file, or of the staged rows; null where the list is the ledger (retry)'),
  }),
  files: z
    .array(
      z.object({
        name: z.string(),
        bytes: z.int().min(0),
        sha256,
        purgedAt: time.optional().describe('when purge deleted the file; left out while the file is there'),
      }),
    )
    .describe('every file except this one, by name'),
});

/** What the folder holds, with hashes. Written again, it differs only in `generatedAt`. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

export function createManifest(summary: Summary, files: readonly FileFacts[], generatedAt: Date): Manifest {
  return {
    schemaVersion: 1,
    runId: summary.runId,
    generatedAt: generatedAt.toISOString(),
    programVersion: summary.programVersion,
    input: { name: summary.list.name, sha256: summary.list.sha256 },
    files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/**
 * Parses a manifest; null where the text is none of ours. A manifest from versions without `generatedAt` is accepted.
 */
export function parseManifest(text: string): Omit<Manifest, 'generatedAt'> | null {
  try {
    return manifestSchema.omit({ generatedAt: true }).safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
