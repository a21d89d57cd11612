import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The version in package.json, which stands two folders above this file in the sources and in what is published. */
export function readProgramVersion(): string {
  const content = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(content)).version;
}
