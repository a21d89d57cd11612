import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchProvider } from './bench-provider.ts';

/** A program with its arguments and nothing of the machine's environment but PATH. */
export interface PeerCommand {
  readonly cwd: string;
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface PeerCost {
  readonly seconds: number;
  /** With all processes it started. */
  readonly cpuSeconds: number;
  /** Of its largest process. */
  readonly peakMiB: number;
}

export const TIME_PROGRAM = '/usr/bin/time';

/** Rejects where it ends with anything but 0. */
export async function runMeasured(command: PeerCommand): Promise<PeerCost> {
  const told = join(command.cwd, 'cost');
  const argv = ['-f', '%e %U %S %M', '-o', told, command.program, ...command.argv];
  const child = start({ ...command, program: TIME_PROGRAM, argv });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`${command.program} ended with ${exitCode}`);
  const line = (await readFile(told, 'utf8')).trim().split('\n').at(-1) ?? '';
  const [seconds = 0, user = 0, system = 0, peak = 0] = line.split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, peakMiB: Math.round(peak / 1024) };
}

const LOOKS_EVERY_MS = 20;
/** Nothing more arrives for so long: what was in flight is answered. */
const QUIET_MS = 500;

/** Kills it and all it started once the provider has answered half of the records; how many it had answered in the end. */
export async function killHalfway(
  command: PeerCommand,
  provider: BenchProvider,
  records: number,
): Promise<number> {
  const child = start({ ...command, isGroup: true });
  const ended = once(child, 'exit');
  let answered = 0;
  while (answered < records / 2 && child.exitCode === null) {
    await pause(LOOKS_EVERY_MS);
    answered += (await provider.takeArrivals()).length;
  }
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  await ended;
  await pause(QUIET_MS);
  return answered + (await provider.takeArrivals()).length;
}

function start({ program, argv, cwd, env, isGroup = false }: PeerCommand & { readonly isGroup?: boolean }) {
  return spawn(program, argv, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
    detached: isGroup,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
