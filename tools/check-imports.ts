// `npm run imports`: checks the imports of `src` in the working folder against the import rules (import-rules.ts). It
// also fails when it did not see every file and its imports.
import { globSync, readFileSync } from 'node:fs';
import { cruise, type ICruiseResult, type IViolation } from 'dependency-cruiser';
import { importRules } from './import-rules.ts';

const IMPORT_LINE = /^(?:import|export)\b[^;'"`]*\bfrom\s*['"]|^import\s*['"]/m;

export interface SourceFile {
  /** Path from the working folder, with forward slashes: `src/cli/bin.ts`. */
  path: string;
  text: string;
}

export type LookedAt = Pick<ICruiseResult['modules'][number], 'source' | 'dependencies'>;

/**
 * Returns what the import check overlooked, one sentence each. With a parser that can't read TypeScript it reports no
 * breach at all, so what it saw is compared with the files themselves.
 */
export function findBlindSpots(files: readonly SourceFile[], lookedAt: readonly LookedAt[]): string[] {
  if (files.length === 0) return ['there is no TypeScript file under src: nothing was looked at'];
  const importsSeen = new Map(lookedAt.map((module) => [module.source, module.dependencies.length]));
  return files.flatMap((file) => {
    const seen = importsSeen.get(file.path);
    if (seen === undefined) return [`${file.path}: not looked at`];
    if (seen === 0 && IMPORT_LINE.test(file.text)) return [`${file.path}: its imports were not seen`];
    return [];
  });
}

async function checkImports(): Promise<boolean> {
  const files = globSync('src/**/*.ts').map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(path, 'utf8'),
  }));
  const result = files.length === 0 ? undefined : await cruiseSource();
  const blindSpots = findBlindSpots(files, result?.modules ?? []);
  const breaches = result?.summary.violations.map(describeBreach) ?? [];

  for (const line of [...blindSpots.map((spot) => `blind spot: ${spot}`), ...breaches]) console.error(line);
  const count = `${files.length} files, ${result?.summary.totalDependenciesCruised ?? 0} imports looked at`;
  console.log(`imports: ${count}, ${breaches.length} breaches, ${blindSpots.length} blind spots`);
  return blindSpots.length === 0 && breaches.length === 0;
}

async function cruiseSource(): Promise<ICruiseResult> {
  const { forbidden = [], options } = importRules;
  const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden }, validate: true });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave text instead of a result');
  return output;
}

function describeBreach({ rule, from, to, cycle }: IViolation): string {
  const way = cycle === undefined ? [to] : cycle.map((step) => step.name);
  return `${rule.name}: ${[from, ...way].join(' → ')}`;
}

if (import.meta.main) process.exitCode = (await checkImports()) ? 0 : 1;
