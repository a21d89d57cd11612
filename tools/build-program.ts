// `npm run build`: makes `dist`, which has the program and the libraries that every start needs, in a few files.
// Finding and reading hundreds of modules one by one takes several times longer than the work of `status`.
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** They stay among the dependencies with exact versions, so that an audit of those sees what is built in. */
const builtIn = new Set(['pg', 'pg-copy-streams', 'yargs', 'zod']);
/** The package stays outside, behind a file of ours that takes its place. */
const replaced = { 'string-width': join(root, 'tools/lazy-string-width.ts') };
const fromOutside = Object.keys(dependencies).filter((name) => !builtIn.has(name) && !(name in replaced));

/** Returns the folder of the package that a file of node_modules belongs to; null: the file is ours. */
function packageFolder(file: string): string | null {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/'))?.[0] ?? null;
}

/** Adds the licence texts, which must go wherever the packages' code goes. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle).flatMap((output) =>
        output.type === 'chunk' ? Object.keys(output.modules) : [],
      );
      const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].toSorted();
      const source = folders.map((folder) => `${licenceOf(folder)}\n`).join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'LICENSES-OF-LIBRARIES.txt', source });
    },
  };
}

function licenceOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
  };
  const [file] = globSync('{licen[cs]e,LICEN[CS]E}*', { cwd: folder });
  const text = file === undefined ? sectionOfReadme(folder) : readFileSync(join(folder, file), 'utf8').trim();
  if (text === undefined) throw new Error(`the package ${name} is to be built in and has no licence text`);
  return `${name} ${version}\n\n${text}`;
}

/** Returns the licence at the end of a README; some packages have it only there. */
function sectionOfReadme(folder: string): string | undefined {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  return /^#+ licen[cs]e\s+(?<text>[^]*copyright[^]*)$/im.exec(readme)?.groups?.['text']?.trim();
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  cwd: root,
  input: { 'cli/bin': 'src/cli/bin.ts', 'cli/read-uploads': 'src/cli/read-uploads.ts' },
  platform: 'node',
  resolve: { alias: replaced },
  // pg loads pg-native only on request.
  external: [...fromOutside.map((name) => new RegExp(`^${name}(/|$)`)), 'pg-native'],
  logLevel: 'warn',
  plugins: [licences()],
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    // As deep as a file of `src`, because src/config/package-files.ts relies on it.
    chunkFileNames: 'parts/[name]-[hash].js',
  },
});
