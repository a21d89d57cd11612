import { stat } from 'node:fs/promises';
import path from 'node:path';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import type { Environment } from '../environment.ts';
import { secretNames } from '../environment-table.ts';

const FOR_OTHERS = 0o007;
const FOR_GROUP = 0o070;

/**
 * Checks whether anybody else may read `.env` and the files that hold secrets. A missing file is not reported here.
 */
export async function checkSecretFiles({ layers, cwd }: Environment): Promise<Finding[]> {
  const named = secretNames.flatMap((name) => {
    const file = layers.map((layer) => layer[`${name}_FILE`]).find((found) => found !== undefined);
    return file === undefined || file === '' ? [] : [{ about: `${name}_FILE`, file }];
  });
  const found = await Promise.all([
    checkMode('.env', path.join(cwd, '.env'), fault),
    // Not the platform's own mounts: container platforms make secrets readable for everybody in the container.
    ...named.map(async ({ about, file }) => await checkMode(about, path.resolve(cwd, file), doubt)),
  ]);
  return found.flatMap((one) => one ?? []);
}

async function checkMode(
  about: string,
  file: string,
  wideOpen: typeof fault | typeof doubt,
): Promise<Finding | null> {
  const found = await stat(file).catch(() => null);
  if (found === null) return null;
  const mode = found.mode & 0o777;
  const shown = `mode ${mode.toString(8).padStart(4, '0')}`;
  const cure = `chmod 600 ${about === '.env' ? '.env' : file}`;
  if ((mode & FOR_OTHERS) !== 0)
    return wideOpen(about, `${shown} lets every user of this machine read it`, cure);
  if ((mode & FOR_GROUP) !== 0) return doubt(about, `${shown} lets its group read it`, cure);
  return fine(about, `${shown}: only its owner may read it`);
}
