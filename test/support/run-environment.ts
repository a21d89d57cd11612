import { readKeys } from '../../src/cli/session/provider-access.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import type { Flags } from '../../src/config/flags/flag-table.ts';
import { stopTimeOf } from '../../src/dispatch/windows/call-hours.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { RunEnvironment } from '../../src/run/run-environment.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { EnrolmentWorld } from './enrolment-world.ts';

export interface RunEnvironmentOptions {
  readonly clock: Clock;
  readonly flags?: Flags;
  /** Default job.yaml. */
  readonly target?: string;
  readonly signals?: RunEnvironment['signals'];
  readonly stop?: AbortSignal;
}

/**
 * What the command line hands to a run, in this process: the world's job, its provider over loopback and a ledger
 * that is open already. For what needs a clock of the test's own.
 */
export async function createRunEnvironment(
  world: EnrolmentWorld,
  ledger: OpenLedger,
  options: RunEnvironmentOptions,
): Promise<RunEnvironment> {
  const { target = 'job.yaml', flags = {}, signals = silentSignals, clock } = options;
  const { stop = new AbortController().signal } = options;
  const nobody = (): void => undefined;
  const configuration = await loadConfiguration({ target, flags, env: world.env, cwd: world.cwd });
  return {
    ledger,
    address: world.ledger.address,
    configuration,
    provider: {
      baseUrl: world.sandbox.baseUrl,
      ...world.sandbox.credentials,
      timeZone: 'KST',
      ...readKeys(configuration, clock.now()),
      setup: 'test',
    },
    clock,
    logger: { debug: nobody, info: nobody, warn: nobody, error: nobody },
    signals,
    stopAt: stopTimeOf(configuration.windows, configuration.timeZone, clock.now()),
    observer: {
      jobHeld: nobody,
      runBegan: nobody,
      listRead: nobody,
      listSeenBefore: nobody,
      listStaged: nobody,
      reconciliationBegan: nobody,
      membersStaged: nobody,
      progress: nobody,
      warned: nobody,
      reportBegan: nobody,
      reportProgress: nobody,
      ledgerWaiting: nobody,
      ledgerBack: nobody,
    },
    stop,
    me: { user: 'tester', host: 'here', pid: process.pid },
    chance: () => 0,
  };
}
