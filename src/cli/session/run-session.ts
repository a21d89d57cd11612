import type { Configuration } from '../../config/configuration.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { stopTimeOf } from '../../dispatch/windows/call-hours.ts';
import { LedgerHeldError } from '../../ledger/engine/embedded-ledger.ts';
import {
  openLedger,
  tellingLoss,
  type LedgerAddress,
  type OpenLedger,
} from '../../ledger/engine/open-ledger.ts';
import { ASK_AGAIN_MS } from '../../run/lock/lock-job.ts';
import { StoppedWhileWaitingError } from '../../run/lock/stopped-early.ts';
import { exitCodeOfSignal, type RunEnvironment, type StopSignal } from '../../run/run-environment.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from './ledger-address.ts';
import { OPENING_LEDGER } from './ledger-session.ts';
import { doubtsOfKeys, openProvider, readKeys, type ProviderKeys } from './provider-access.ts';
import { createProgressObserver, type ProgressObserver } from '../terminal/progress.ts';
import { createRunLogger, type LogPlace } from './run-logger.ts';
import { STOPPED_AT_ONCE, stopWords } from '../terminal/stop-words.ts';

/** Opens what a run needs, does `work`, and closes everything in order in any case. */
export async function withRunEnvironment<Result>(
  host: Host,
  configuration: Configuration,
  work: (environment: RunEnvironment) => Promise<Result>,
): Promise<Result> {
  host.hide(configuration.secrets);
  const log = logPlaceOf(configuration);
  host.logTo(log);
  const keys = readKeys(configuration, host.clock.now());
  const address = ledgerAddressOf(configuration.database);
  const ledger = await openLedgerOrWait(host, address, configuration.flags);
  host.waitsFor('reading what is to be called');
  const observer = followRuns(createProgressObserver(host, configuration), log);
  const stop = listenForStop(host, observer);
  const doubts = ledger.engine === 'server' ? (ledger.doubts ?? []) : [];
  const opened = { ledger, address, doubts, stop: stop.signal, observer, log };
  try {
    return await tellingLoss(
      address,
      async () => await withProvider(host, configuration, opened, keys, work),
    );
  } finally {
    stop.end();
    observer.end();
    await ledger.close();
  }
}

/**
 * Opens the ledger. Where another process has an embedded one open, it waits if `--wait` was given and says once
 * which process that is; otherwise it rejects with LedgerHeldError.
 */
export async function openLedgerOrWait(
  host: Host,
  address: LedgerAddress,
  flags: { readonly wait: boolean; readonly quiet: boolean },
): Promise<OpenLedger> {
  if (host.lentLedger !== undefined) return host.lentLedger;
  host.waitsFor(OPENING_LEDGER);
  try {
    return await openLedger(address);
  } catch (error) {
    if (!flags.wait || !(error instanceof LedgerHeldError)) throw error;
    return await waitForLedger(host, address, () => {
      if (!flags.quiet) host.stderr.write(`waiting: ${cleanUntrustedText(error.message)}\n`);
    });
  }
}

async function waitForLedger(host: Host, address: LedgerAddress, tell: () => void): Promise<OpenLedger> {
  const say = (text: string): void => {
    host.stderr.write(`${text}\n`);
  };
  const stop = listenForStop(host, {
    stopAsked: (signal) => {
      say(stopWords(signal, { kind: 'before_calls' }));
    },
    stoppedAtOnce: () => {
      say(STOPPED_AT_ONCE);
    },
  });
  try {
    tell();
    for (;;) {
      await host.clock.sleep(ASK_AGAIN_MS, stop.signal);
      if (stop.signal.aborted) throw new StoppedWhileWaitingError(stop.signal.reason as StopSignal);
      const ledger = await openLedger(address).catch((error: unknown) => {
        if (error instanceof LedgerHeldError) return null;
        throw error;
      });
      if (ledger !== null) return ledger;
    }
  } finally {
    stop.end();
  }
}

async function withProvider<Result>(
  host: Host,
  configuration: Configuration,
  opened: Pick<RunEnvironment, 'ledger' | 'address' | 'stop' | 'observer'> & {
    readonly log: LogPlace;
    /** Doubts about the ledger's database. */
    readonly doubts: readonly string[];
  },
  keys: ProviderKeys,
  work: (environment: RunEnvironment) => Promise<Result>,
): Promise<Result> {
  const provider = await openProvider(configuration, keys, host.cwd);
  try {
    const logger = createRunLogger(opened.log, host.clock);
    for (const doubt of [...doubtsOfKeys(keys), ...configuration.listDoubts, ...opened.doubts]) {
      logger.warn('a run needs attention', { sentence: doubt });
      opened.observer.warned(doubt);
    }
    const { log: _log, doubts: _doubts, ...environment } = opened;
    return await work({
      ...environment,
      configuration,
      provider: provider.access,
      clock: host.clock,
      logger,
      signals: host.signals,
      me: host.me,
      chance: Math.random,
      stopAt: stopTimeOf(configuration.windows, configuration.timeZone, host.clock.now()),
    });
  } finally {
    await provider.close();
  }
}

export function logPlaceOf({ reportsDirectory, flags, timeZone, job }: Configuration): LogPlace {
  return { reportsDirectory, level: flags.logLevel, timeZone, job, run: null };
}

/** Puts the run's id on every line of the log from its beginning on. */
function followRuns(observer: ProgressObserver, log: LogPlace): ProgressObserver {
  return {
    ...observer,
    runBegan: (began) => {
      log.run = began.runId;
      observer.runBegan(began);
    },
    reconciliationBegan: (began) => {
      log.run = began.id;
      observer.reconciliationBegan(began);
    },
  };
}

/** The first signal lets calls in flight end and be recorded; the second ends the process at once. */
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
