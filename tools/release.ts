// `npm run release`: makes the files of a release, in release/: the package, its bill of materials (CycloneDX), the
// licences of everything it installs, and the hashes of these files. Publishes nothing. Fails on a licence that is
// not accepted yet.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findUnknownLicences, licenceDocument, readLicences } from './licences.ts';
import { readLock } from './lock-file.ts';
import { packProgram } from './pack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'release');
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly name: string };

const packages = readLicences(root, readLock(root));
if (packages.length === 0) throw new Error('no package is installed: npm ci');
const unknown = findUnknownLicences(packages);
if (unknown.length > 0) {
  throw new Error(
    `licences nobody has said yes to (tools/licences.ts):\n${unknown.map((line) => `  ${line}`).join('\n')}`,
  );
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
packProgram(folder);
writeFileSync(join(folder, 'sbom.cdx.json'), billOfMaterials());
writeFileSync(join(folder, 'LICENCES.txt'), licenceDocument(packages));

const names = readdirSync(folder).toSorted();
const sums = names.map((file) => `${sha256(join(folder, file))}  ${file}\n`);
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
process.stdout.write(`release/: ${[...names, 'SHA256SUMS'].join(', ')}; ${packages.length} licences read\n`);

/** Names the program: npm would use the name of its folder. */
function billOfMaterials(): string {
  const argv = ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const made = execFileSync('npm', argv, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const bill = JSON.parse(made) as { metadata: { component: { name: string } } };
  bill.metadata.component.name = name;
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
