// Programs that some tests need and that no npm package provides. This is the only list of them: such a test has the
// tool's mark in its name, `… (nginx)`, and is skipped where `findOutsideTool` finds none. For .ci/run: `packages`
// prints the Debian packages of missing tools, one per line; `missing` prints their marks.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface OutsideTool {
  /** Any one of these commands is enough. */
  readonly commands: readonly string[];
  readonly packages: readonly string[];
}

const outsideTools = {
  Chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium', 'fonts-noto-cjk'],
  },
  LibreOffice: { commands: ['soffice'], packages: ['libreoffice-calc', 'fonts-noto-cjk'] },
  nginx: { commands: ['nginx'], packages: ['nginx-light'] },
  HAProxy: { commands: ['haproxy'], packages: ['haproxy'] },
  PgBouncer: { commands: ['pgbouncer'], packages: ['pgbouncer'] },
  systemd: { commands: ['systemd-analyze'], packages: ['systemd'] },
  pg_dump: { commands: ['pg_dump'], packages: ['postgresql-client'] },
  script: { commands: ['script'], packages: ['bsdutils'] },
  faketime: { commands: ['faketime'], packages: ['faketime'] },
  promtool: { commands: ['promtool'], packages: ['prometheus'] },
} as const satisfies Readonly<Record<string, OutsideTool>>;

export type OutsideToolName = keyof typeof outsideTools;

/** Servers are often installed in folders that are not in a person's PATH. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Returns the path of the program, or undefined where this machine has none. */
export function findOutsideTool(name: OutsideToolName): string | undefined {
  const paths = outsideTools[name].commands.flatMap((command) =>
    folders.map((folder) => join(folder, command)),
  );
  return paths.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function missingTools(): OutsideToolName[] {
  return (Object.keys(outsideTools) as OutsideToolName[]).filter(
    (name) => findOutsideTool(name) === undefined,
  );
}

/** Returns the marks in the names of the tests that can't run here. */
export function missingMarks(): string[] {
  return missingTools().map((name) => `(${name})`);
}

if (import.meta.main) {
  const lines =
    process.argv[2] === 'packages'
      ? [...new Set(missingTools().flatMap((name) => outsideTools[name].packages))]
      : missingMarks();
  for (const line of lines) console.log(line);
}
