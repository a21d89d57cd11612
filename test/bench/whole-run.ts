import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCsv } from './bench-lists.ts';
import {
  buildProgram,
  costPreload,
  installedOn,
  programFlags,
  runChild,
  type ChildEnd,
} from './bench-program.ts';

export interface BenchWorld {
  readonly folder: string;
  /** Makes the program a client of the provider. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a process took from its start to its end. */
export interface ProgramCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly end: ChildEnd;
}

/** Calls in flight of every run in these benches. */
export const CONNECTIONS = 64;

/** A list of `rows` members, and the job that calls them without a limit. Returns the job file's name. */
export async function writeUnlimitedJob({ folder }: BenchWorld, rows: number): Promise<string> {
  await writeCsv(join(folder, `${rows}.csv`), rows, 'utf-8');
  const lines = [
    `job: bench-${rows}`,
    `list: { csv: ${rows}.csv }`,
    'provider: { encryption: off, name: bench }',
    `limits: { rate: 1000000/s, concurrency: ${CONNECTIONS}, timeout: 10s }`,
  ];
  await writeFile(join(folder, `${rows}.yaml`), `${lines.join('\n')}\n`);
  return `${rows}.yaml`;
}

/** Runs the program as it is installed, with its flags. Rejects where it ends with anything but 0. */
export async function costOfProgram(
  { folder, env }: BenchWorld,
  ledger: string,
  argv: readonly string[],
): Promise<ProgramCost> {
  const program = buildProgram();
  const began = performance.now();
  const end = await runChild([...programFlags, '--import', costPreload, program, ...argv], {
    cwd: folder,
    env: installedOn(ledger, env),
  });
  const seconds = (performance.now() - began) / 1000;
  const [, peak, cpu] = /\npeak (\d+) cpu (\d+)\n$/.exec(end.stderr) ?? [];
  if (end.exitCode !== 0 || peak === undefined || cpu === undefined) {
    throw new Error(`${argv.join(' ')} ended with ${end.exitCode}: ${end.stderr}`);
  }
  return { seconds, cpuSeconds: Number(cpu) / 1000, peakMiB: Math.round(Number(peak) / 1024), end };
}

/** The counts of a run's summary, whose call count must be `calls`. */
export function assertCalls({ end }: ProgramCost, calls: number): void {
  const summary = JSON.parse(end.stdout) as { readonly calls: number };
  if (summary.calls !== calls) throw new Error(`the run made ${summary.calls} calls and not ${calls}`);
}
