import type { World } from './wire/serve-call.ts';

export interface SandboxStats {
  /** Register calls that arrived, whatever became of them. */
  readonly calls: number;
  /** Plans calls that arrived. */
  readonly inquiries: number;
  readonly registered: number;
  /** The most arrivals in any 1-second window, of both kinds. */
  readonly fullestWindow: number;
  /** Arrivals above `faults.rateLimit`, of both kinds. */
  readonly violations: number;
  /** Of register calls: they add up to `calls`. */
  readonly byAnswer: Readonly<Record<string, number>>;
  readonly inquiriesByAnswer: Readonly<Record<string, number>>;
}

export function readStats({ log, registry }: Pick<World, 'log' | 'registry'>): SandboxStats {
  return { ...log.summarize(), registered: registry.size, violations: log.violations };
}
