#!/usr/bin/env -S node --max-semi-space-size=4 --optimize-for-size
// Only checks the version and imports the rest: older Nodes stop at the first line of what the program needs. The flags:
// rows are short-lived, or a list of a million costs two hundred megabytes more than one of ten thousand. They are given
// here, not set by the program: changed under way, they have left a process hanging at its exit.
const NEEDED = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `kona-enroll needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node}.\n`,
  );
  process.exitCode = 2;
} else {
  const { runProgram } = await import('./program.ts');
  await runProgram();
}
