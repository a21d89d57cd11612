import type { Configuration } from '../config/configuration.ts';
import { stopTimeOf } from '../dispatch/windows.ts';
import { openLedger, type LedgerAddress, type OpenLedger } from '../ledger/open-ledger.ts';
import type { BodyEncryption } from '../konaplate/encryption-keys.ts';
import { exitCodeOfSignal, type RunEnvironment } from '../run/run-environment.ts';
import type { Host } from './host.ts';
import { openProvider, readEncryption } from './provider-access.ts';
import { createProgressObserver } from './progress.ts';
import { createRunLogger } from './run-logger.ts';

export function ledgerAddressOf(database: Configuration['database']): LedgerAddress {
  return database.kind === 'server' ? { kind: 'server', url: database.url.reveal() } : database;
}

/** Opens what a run needs, does `work`, closes it again in order whatever happens. */
export async function withRunEnvironment<Result>(
  host: Host,
  configuration: Configuration,
  work: (environment: RunEnvironment) => Promise<Result>,
): Promise<Result> {
  host.hide(configuration.secrets);
  const encryption = readEncryption(configuration, host.clock.now());
  const address = ledgerAddressOf(configuration.database);
  const ledger = await openLedger(address);
  const stop = listenForStop(host);
  try {
    return await withProvider(host, configuration, { ledger, address, stop: stop.signal }, encryption, work);
  } finally {
    stop.end();
    await ledger.close();
  }
}

async function withProvider<Result>(
  host: Host,
  configuration: Configuration,
  opened: { ledger: OpenLedger; address: LedgerAddress; stop: AbortSignal },
  encryption: BodyEncryption | null,
  work: (environment: RunEnvironment) => Promise<Result>,
): Promise<Result> {
  const provider = await openProvider(configuration, encryption, host.cwd);
  const observer = createProgressObserver(host, configuration);
  try {
    return await work({
      ...opened,
      configuration,
      provider: provider.access,
      clock: host.clock,
      logger: createRunLogger(configuration.reportsDirectory, configuration.flags.logLevel, host.clock.now()),
      signals: host.signals,
      observer,
      me: host.me,
      chance: Math.random,
      stopAt: stopTimeOf(configuration.windows, configuration.timeZone, host.clock.now()),
    });
  } finally {
    observer.end();
    await provider.close();
  }
}

/** The first signal lets calls in flight end and be recorded; the second ends the process where it stands. */
function listenForStop(host: Host): { signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const end = host.onStopSignal((signal) => {
    if (stop.signal.aborted) {
      host.stderr.write('\nstopped at once; the same command continues\n');
      host.endNow(exitCodeOfSignal(signal));
      return;
    }
    host.stderr.write(
      `\n${signal}: no new calls; those in flight end and are recorded. A second one stops at once. The same command continues.\n`,
    );
    stop.abort(signal);
  });
  return { signal: stop.signal, end };
}
