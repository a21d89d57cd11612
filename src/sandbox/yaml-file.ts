import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { createSandboxError, type SandboxErrorCode } from './sandbox-error.ts';

/**
 * Reads YAML by a schema; an empty text is an empty mapping. Throws an error with `code` that names every fault by
 * its place and shows no value, because values may be ids.
 */
export function readYaml<T>(text: string, schema: z.ZodType<T>, what: string, code: SandboxErrorCode): T {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0]);
    throw createSandboxError(code, `${what}: line ${line}, column ${col}: no valid YAML (${broken.code})`);
  }
  const read = schema.safeParse(document.toJS() ?? {});
  if (read.success) return read.data;
  throw createSandboxError(code, `${what}:\n${z.prettifyError(read.error)}`);
}
