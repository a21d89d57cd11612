import { z } from 'zod';
import type { FileFacts } from './unfinished-file.ts';
import type { Summary } from '../summary.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();

/** manifest.json; the order of the keys is the order in the file. Later versions may add keys. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  generatedAt: time.describe('when the folder was written; everything else is the same whenever it is'),
  programVersion: z
    .string()
    .nullable()
    .optional()
    .describe('of kona-enroll that ran it last; null: one that did not say'),
  input: z.object({
    name: z.string(),
    sha256: z
      .string()
      .nullable()
      .describe('of the file, or of the rows as staged; null where the list is the ledger (retry)'),
  }),
  files: z
    .array(
      z.object({
        name: z.string(),
        bytes: z.int().min(0),
        sha256,
        purgedAt: time.optional().describe('since when the file is gone, by purge; not given: it is there'),
      }),
    )
    .describe('every file but this one, by name'),
});

/** What the folder holds, by hash. Made again it differs in `generatedAt` alone. */
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

/** Null where the text is no manifest of ours. One of before `generatedAt` was kept is one all the same. */
export function parseManifest(text: string): Omit<Manifest, 'generatedAt'> | null {
  try {
    return manifestSchema.omit({ generatedAt: true }).safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
