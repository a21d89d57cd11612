import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../domain/error-words.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { parseFaultPlan } from '../../sandbox/faults/fault-plan.ts';
import { parseFixtures } from '../../sandbox/provider/fixtures.ts';
import { isLoopback } from '../../sandbox/wire/listen.ts';
import { startSandbox, type Sandbox } from '../../sandbox/wire/server.ts';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';

interface SandboxArguments {
  readonly port?: string | undefined;
  readonly state?: string | undefined;
  readonly fixtures?: string | undefined;
  readonly faults?: string | undefined;
  readonly host?: string | undefined;
  readonly expose?: boolean | undefined;
  readonly lenient?: boolean | undefined;
  readonly requireEncryption?: boolean | undefined;
  readonly plainAnswers?: boolean | undefined;
  readonly encryptAnswers?: boolean | undefined;
  readonly plainPlans?: boolean | undefined;
  readonly nameFields?: boolean | undefined;
}

/** Serves until a signal asks it to stop. Prints the environment that makes the program its client. */
export async function sandboxCommand(
  argv: Readonly<Record<string, unknown>> & SandboxArguments,
  host: Host,
): Promise<ExitCode> {
  const [fixtures, faults] = await Promise.all([
    readOptional(host, argv.fixtures),
    readOptional(host, argv.faults),
  ]);
  const sandbox = await startSandbox({
    host: hostOf(argv),
    allowAnyHost: argv.expose === true,
    port: portOf(argv.port),
    lenient: argv.lenient === true,
    requireEncryption: argv.requireEncryption === true,
    plainAnswers: argv.plainAnswers === true,
    encryptAnswers: argv.encryptAnswers === true,
    plainPlans: argv.plainPlans === true,
    namesFields: argv.nameFields === true,
    statePath: argv.state === undefined ? null : resolve(host.cwd, argv.state),
    ...(fixtures === null ? {} : { fixtures: parseFixtures(fixtures) }),
    ...(faults === null ? {} : { faults: parseFaultPlan(faults) }),
  });
  const environment = await writeEnvironment(sandbox);
  // Start listening for signals first: a reader of the next line may stop the simulator at once.
  const stopped = stopAsked(host);
  host.stdout.write(environment);
  host.stderr.write('The provider simulator is listening; Ctrl-C ends it.\n');
  await stopped;
  await sandbox.close();
  return exitCodes.done;
}

/**
 * Prints lines for a `.env` file or a shell. Nothing in them is secret, although it looks like it: the keys fit only
 * this simulator, and its client needs them. In single quotes both readers take a JWK as it is.
 */
async function writeEnvironment(sandbox: Sandbox): Promise<string> {
  const { baseUrl, credentials } = sandbox;
  const { cryptoKeyId, serverPublicKey, clientPrivateKey } = await sandbox.encryptionKeys();
  return [
    `KONA_BASE_URL=${baseUrl}`,
    `KONA_ASP_ID=${credentials.aspId}`,
    `KONA_ACCESS_KEY=${credentials.accessKey}`,
    `KONA_SECRET_KEY=${credentials.secretKey}`,
    `KONA_CRYPTO_KEY_ID=${cryptoKeyId}`,
    `KONA_SERVER_PUBLIC_KEY='${serverPublicKey}'`,
    `KONA_CLIENT_PRIVATE_KEY='${clientPrivateKey}'`,
    '',
  ].join('\n');
}

async function readOptional(host: Host, path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  return await readFile(resolve(host.cwd, path), 'utf8').catch((error: unknown) => {
    throw new UsageError(`can't read ${path}: ${messageOf(error)}`);
  });
}

/** Returns the host. Its credentials are public: anybody who reaches it can use it and read every id it received. */
function hostOf({ host = '127.0.0.1', expose }: SandboxArguments): string {
  if (isLoopback(host) || expose === true) return host;
  throw new UsageError(
    `--host ${host}: anybody who reaches that address could use the simulator and read the ids in it; add --expose if you want that`,
  );
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
