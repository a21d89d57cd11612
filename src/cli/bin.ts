#!/usr/bin/env node
// Checks the version, puts Node's memory flags in force, and imports the rest: older Nodes stop at the first line of what
// the program needs.
import { accessSync, constants } from 'node:fs';

const NEEDED = [22, 19] as const;

/** Rows are short-lived: without these a list of a million costs 200 MB more than one of ten thousand. */
const MEMORY_FLAGS = ['--max-semi-space-size=4', '--optimize-for-size'];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `kona-enroll needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node}.\n`,
  );
  process.exitCode = 2;
} else {
  startWithMemoryFlags();
  const { runProgram } = await import('./program.ts');
  await runProgram();
}

/**
 * The installed program becomes a Node that has the flags, by exec: the same process, with its id, streams and signals,
 * so that nothing stands between it and whoever started it. They can't be set from within (a process that changed them
 * under way has hung at its exit), and not every `env` takes them in the first line of this file. Goes on without them
 * where the system has no exec, as on Windows, or Node's own file is gone: an exec that fails ends the process.
 */
function startWithMemoryFlags(): void {
  const { execArgv, execPath, argv, env } = process;
  const isInstalled = import.meta.filename.endsWith('.js');
  if (!isInstalled || MEMORY_FLAGS.every((flag) => execArgv.includes(flag))) return;
  try {
    accessSync(execPath, constants.X_OK);
    process.execve?.(execPath, [execPath, ...execArgv, ...MEMORY_FLAGS, ...argv.slice(1)], env);
  } catch {
    return;
  }
}
