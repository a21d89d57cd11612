import { writeSync } from 'node:fs';

/** A moment of a process: what it has taken so far. */
export interface Cost {
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
  /** CPU seconds of the ledger's server; 0 where there is none on this machine. */
  readonly databaseCpu: number;
}

/** What was told of a child. */
export interface ToldCost {
  readonly records: number;
  readonly seconds: number;
  /** CPU seconds of all its threads. */
  readonly cpuSeconds: number;
  /** The same of the ledger's server meanwhile. */
  readonly databaseSeconds: number;
}

/** As the last line of stderr, which a child has for itself. */
export function tellCost(from: Cost, to: Cost, records: number): void {
  const micros = to.cpu.user + to.cpu.system - from.cpu.user - from.cpu.system;
  const database = to.databaseCpu - from.databaseCpu;
  writeSync(2, `\ncost ${records} ${(to.ms - from.ms) / 1e3} ${micros / 1e6} ${database}\n`);
}

/** Null when nothing was told. */
export function readCost(stderr: string): ToldCost | null {
  const told = /\ncost (\S+) (\S+) (\S+) (\S+)\n$/.exec(stderr);
  if (told === null) return null;
  const [records = 0, seconds = 0, cpuSeconds = 0, databaseSeconds = 0] = told.slice(1).map(Number);
  return { records, seconds, cpuSeconds, databaseSeconds };
}
