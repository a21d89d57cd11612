import { Readable } from 'node:stream';
import type { Host, Output } from '../../src/cli/host.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';
import { createStubClock, type StubClock } from '../support/stub-clock.ts';

export interface FakeHost extends Host {
  readonly clock: StubClock;
  /** Everything written so far. */
  readonly written: { stdout: string; stderr: string };
  /** As if the system had sent it. */
  sendSignal(signal: StopSignal): void;
  /** Who waits for signals now. */
  readonly listening: () => number;
  /** Exit codes with which the process was to end at once. */
  readonly ends: readonly number[];
}

/** A process that only takes notes. */
export function createFakeHost(
  options: { readonly isTerminal?: boolean; readonly columns?: number; readonly env?: Host['env'] } = {},
): FakeHost {
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<(signal: StopSignal) => void>();
  const ends: number[] = [];
  const output = (name: 'stdout' | 'stderr'): Output => ({
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
    write: (text) => {
      written[name] += text;
    },
    draw: (text) => {
      written[name] += text;
    },
  });
  return {
    env: options.env ?? {},
    cwd: '/',
    stdin: () => Readable.from([]),
    stdout: output('stdout'),
    stderr: output('stderr'),
    clock: createStubClock(),
    signals: silentSignals,
    me: { user: 'tester', host: 'here', pid: 1 },
    onStopSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hide: () => undefined,
    logTo: () => undefined,
    logPlace: null,
    useKorean: () => undefined,
    waitsFor: () => undefined,
    endNow: (exitCode) => void ends.push(exitCode),
    written,
    sendSignal: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    listening: () => listeners.size,
    ends,
  };
}
