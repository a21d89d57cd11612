import { Readable } from 'node:stream';
import type { Host, Output } from '../../src/cli/host.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import { createStubClock, type StubClock } from '../support/stub-clock.ts';

export interface FakeHost extends Host {
  readonly clock: StubClock;
  /** Everything written so far. */
  readonly written: { stdout: string; stderr: string };
}

/** A process that only takes notes. */
export function createFakeHost(
  options: { readonly isTerminal?: boolean; readonly columns?: number; readonly env?: Host['env'] } = {},
): FakeHost {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr'): Output => ({
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
    write: (text) => {
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
    me: { host: 'here', pid: 1 },
    onStopSignal: () => () => undefined,
    hide: () => undefined,
    endNow: () => undefined,
    written,
  };
}
