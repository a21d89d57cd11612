// Programs that some tests look with and that no package of npm brings. This is the one list of them: a test that
// needs one has its mark in its name, `… (nginx)`, and is skipped where `findOutsideTool` finds none.
// For .ci/run: `packages` prints the Debian packages of those that are not here, one a line; `missing` their marks.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface OutsideTool {
  /** Any one of them will do. */
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

/** Servers are installed where the search path of a person often does not lead. */
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
