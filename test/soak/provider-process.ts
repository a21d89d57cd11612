import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import type { CallLogEntry } from '../../src/sandbox/wire/call-log.ts';
import type { TruthEntry } from '../../src/sandbox/provider/registry.ts';
import type { SandboxStats } from '../../src/sandbox/wire/own-pages.ts';

/** The simulator as a process of its own, which no kill of ours meets. */
export interface ProviderProcess extends AsyncDisposable {
  /** As it said it: what makes a program its client. */
  readonly env: Readonly<Record<string, string>>;
  countCalls(): Promise<number>;
  calls(): Promise<CallLogEntry[]>;
  truth(): Promise<TruthEntry[]>;
}

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
const LAST_VARIABLE = 'KONA_CLIENT_PRIVATE_KEY=';

/** `faults`: the path of a fault plan. */
export async function startProvider(cwd: string, faults: string): Promise<ProviderProcess> {
  const argv = [bin, 'sandbox', '--faults', faults, '--require-encryption'];
  const child = spawn(process.execPath, argv, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith(LAST_VARIABLE)) break;
  }
  const env = Object.fromEntries(
    Object.entries(parseEnv(lines.join('\n'))).map(([name, value]) => [name, value ?? '']),
  );
  const read = async <Page>(page: string): Promise<Page> => {
    const response = await fetch(`${env['KONA_BASE_URL']}/_sandbox/${page}`);
    return (await response.json()) as Page;
  };
  return {
    env,
    countCalls: async () => {
      const { calls, inquiries } = await read<SandboxStats>('stats');
      return calls + inquiries;
    },
    calls: async () => await read('calls'),
    truth: async () => (await read<{ registered: TruthEntry[] }>('truth')).registered,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
