#!/usr/bin/env node
// Checks Node's version, sets Node's memory flags for the commands that need them, and imports the rest: older Nodes
// fail at the first line of the program itself.
import { accessSync, constants, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { useCompileCache } from './compile-cache.ts';
import { memoryEnvironment, memoryFlags } from './memory-flags.ts';

const NEEDED = [22, 19] as const;

/** Commands that hold rows; for the others, starting Node twice would take longer than their work. */
const COMMANDS_WITH_ROWS = new Set(['run', 'plan', 'retry', 'report', 'reconcile', 'serve', 'sandbox']);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `kona-enroll needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node}.\n`,
  );
  process.exitCode = 2;
} else {
  const showsWord = showFirstWord();
  startWithMemoryFlags();
  leaveExperimentsUntold();
  useCompileCache(process.env);
  const { runProgram } = await import('./program.ts');
  await runProgram({ showsWord });
}

/**
 * Says at a terminal that the program has begun, before the rest of it is loaded, which takes seconds on a busy
 * machine. Returns whether it did; the next output replaces it. Not where only text is asked for, nor with --quiet.
 */
function showFirstWord(): boolean {
  const words = process.argv.slice(2);
  const isOnlyText = words.some((word) => /^(?:--help|-h|help|--version|completion)$/.test(word));
  const isQuiet = words.some((word) => /^--quiet(?:=true)?$/.test(word));
  if (words.length === 0 || isOnlyText || isQuiet || process.env['CI'] !== undefined || !isatty(2))
    return false;
  try {
    writeSync(2, '\r\u001B[Kstarting …');
    return true;
  } catch {
    return false;
  }
}

/**
 * Replaces the installed program by a Node with the flags and the environment of processes that hold rows, using exec:
 * the same process, with its id, streams and signals, so that nothing stands between it and its starter. They can't be
 * set from within (the young generation is laid out at the start, and the allocator too), and not every `env` accepts
 * flags in the first line of this file. What the starter's environment says of the allocator holds. Continues
 * without them where the system has no exec, as on Windows, or Node's own file is gone, because a failing exec ends
 * the process.
 */
function startWithMemoryFlags(): void {
  const { execArgv, execPath, argv, env } = process;
  const isInstalled = import.meta.filename.endsWith('.js');
  const words = argv.slice(2);
  const hasRows = COMMANDS_WITH_ROWS.has(words.find((word) => !word.startsWith('-')) ?? '');
  const asksForHelp = words.some((word) => word === '--help' || word === '-h');
  if (!isInstalled || !hasRows || asksForHelp) return;
  if (memoryFlags.every((flag) => execArgv.includes(flag))) return;
  try {
    accessSync(execPath, constants.X_OK);
    process.execve?.(execPath, [execPath, ...execArgv, ...memoryFlags, ...argv.slice(1)], {
      ...memoryEnvironment,
      ...env,
    });
  } catch {
    return;
  }
}

/**
 * Silences warnings of Node 22 about features that are no longer experimental in 24: they would put a line into every
 * cron mail.
 */
function leaveExperimentsUntold(): void {
  const tellers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const tell of tellers) tell(warning);
  });
}
