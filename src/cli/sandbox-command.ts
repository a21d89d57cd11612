import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../domain/error-words.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { parseFaultPlan } from '../sandbox/fault-plan.ts';
import { parseFixtures } from '../sandbox/fixtures.ts';
import { startSandbox } from '../sandbox/server.ts';
import type { Host } from './host.ts';
import { UsageError } from './usage-error.ts';

interface SandboxArguments {
  readonly port?: string | undefined;
  readonly state?: string | undefined;
  readonly fixtures?: string | undefined;
  readonly faults?: string | undefined;
}

/** Serves until a signal asks it to stop. Says the environment that makes the program its client. */
export async function sandboxCommand(
  argv: Readonly<Record<string, unknown>> & SandboxArguments,
  host: Host,
): Promise<ExitCode> {
  const [fixtures, faults] = await Promise.all([
    readOptional(host, argv.fixtures),
    readOptional(host, argv.faults),
  ]);
  const sandbox = await startSandbox({
    port: portOf(argv.port),
    statePath: argv.state === undefined ? null : resolve(host.cwd, argv.state),
    ...(fixtures === null ? {} : { fixtures: parseFixtures(fixtures) }),
    ...(faults === null ? {} : { faults: parseFaultPlan(faults) }),
  });
  const { aspId, accessKey, secretKey } = sandbox.credentials;
  // The simulator's own fixed credentials are no secrets: the client can't work without them.
  host.stdout.write(
    [
      `KONA_BASE_URL=${sandbox.baseUrl}`,
      `KONA_ASP_ID=${aspId}`,
      `KONA_ACCESS_KEY=${accessKey}`,
      `KONA_SECRET_KEY=${secretKey}`,
      '',
    ].join('\n'),
  );
  host.stderr.write('The provider simulator is listening; Ctrl-C ends it.\n');
  await stopAsked(host);
  await sandbox.close();
  return exitCodes.done;
}

async function readOptional(host: Host, path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  return await readFile(resolve(host.cwd, path), 'utf8').catch((error: unknown) => {
    throw new UsageError(`can't read ${path}: ${messageOf(error)}`);
  });
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new UsageError('--port: expected 0 to 65535');
  return Number(text);
}

async function stopAsked(host: Host): Promise<void> {
  const { promise, resolve: stop } = Promise.withResolvers<void>();
  const end = host.onStopSignal(() => {
    stop();
  });
  await promise;
  end();
}
