import type { Configuration } from '../config/configuration.ts';
import { stopTimeOf } from '../dispatch/windows.ts';
import { openLedger, type LedgerAddress } from '../ledger/open-ledger.ts';
import type { BodyEncryption } from '../konaplate/encryption-keys.ts';
import { exitCodeOfSignal, type RunEnvironment } from '../run/run-environment.ts';
import type { Host } from './host.ts';
import { openProvider, readEncryption } from './provider-access.ts';
import { createProgressObserver, type ProgressObserver } from './progress.ts';
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
  const observer = createProgressObserver(host, configuration);
  const stop = listenForStop(host, observer);
  const opened = { ledger, address, stop: stop.signal, observer };
  try {
    return await withProvider(host, configuration, opened, encryption, work);
  } finally {
    stop.end();
    observer.end();
    await ledger.close();
  }
}

async function withProvider<Result>(
  host: Host,
  configuration: Configuration,
  opened: Pick<RunEnvironment, 'ledger' | 'address' | 'stop' | 'observer'>,
  encryption: BodyEncryption | null,
  work: (environment: RunEnvironment) => Promise<Result>,
): Promise<Result> {
  const provider = await openProvider(configuration, encryption, host.cwd);
  try {
    return await work({
      ...opened,
      configuration,
      provider: provider.access,
      clock: host.clock,
      logger: createRunLogger(configuration.reportsDirectory, configuration.flags.logLevel, host.clock.now()),
      signals: host.signals,
      me: host.me,
      chance: Math.random,
      stopAt: stopTimeOf(configuration.windows, configuration.timeZone, host.clock.now()),
    });
  } finally {
    await provider.close();
  }
}

/** The first signal lets calls in flight end and be recorded; the second ends the process where it stands. */
export function listenForStop(
  host: Host,
  observer: Pick<ProgressObserver, 'stopAsked' | 'stoppedAtOnce'>,
): { signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const end = host.onStopSignal((signal) => {
    if (stop.signal.aborted) {
      observer.stoppedAtOnce();
      host.endNow(exitCodeOfSignal(signal));
      return;
    }
    observer.stopAsked(signal);
    stop.abort(signal);
  });
  return { signal: stop.signal, end };
}
