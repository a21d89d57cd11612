import type { Configuration } from '../../config/configuration.ts';
import { readProgramVersion } from '../../config/program-version.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import type { RefusedList, RunEnvironment, RunResult } from '../../run/run-environment.ts';
import { StartMeter } from '../../service/metrics/start-meter.ts';
import { endOfStart, type StartEnd } from '../../service/notify/job-condition.ts';
import { Notifier } from '../../service/notify/notifier.ts';
import { describeFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { createRunLogger } from './run-logger.ts';
import { logPlaceOf, withRunEnvironment } from './run-session.ts';

type Results = readonly (RunResult | RefusedList)[];

/**
 * Does the work of a start under its environment, keeps its end for the metrics, and notifies those whom the job file
 * names, even where it failed before a run began. A start that found nothing to run notifies nobody.
 */
export async function runNotified<R extends Results>(
  host: Host,
  configuration: Configuration,
  work: (environment: RunEnvironment) => Promise<R>,
): Promise<R> {
  const notifier = createNotifier(host, configuration);
  const meter = createMeter(host, configuration);
  const ended = async (ledger: OpenLedger | null, end: StartEnd | null): Promise<void> => {
    await meter.ended(ledger, end);
    await notifier?.ended(ledger, end);
  };
  host.hide(configuration.secrets);
  notifier?.began();
  try {
    return await withRunEnvironment(host, configuration, async (environment) => {
      try {
        const results = await work(environment);
        await ended(environment.ledger, results.length === 0 ? null : endOfStart(results));
        return results;
      } catch (error) {
        await ended(environment.ledger, endOfFailure(error));
        throw error;
      }
    });
  } catch (error) {
    await ended(null, endOfFailure(error));
    throw error;
  }
}

function endOfFailure(error: unknown): StartEnd {
  return { ...describeFailure(error), results: [] };
}

function createMeter(host: Host, configuration: Configuration): StartMeter {
  const { job, limits, metricsTextfile: textfile, flags } = configuration;
  return new StartMeter({
    job,
    rates: limits.rates,
    textfile,
    version: readProgramVersion(),
    clock: host.clock,
    logger: createRunLogger(logPlaceOf(configuration), host.clock),
    warn: (sentence) => {
      if (!flags.quiet) host.stderr.write(`${sentence}\n`);
    },
  });
}

/** Null: the job file names nobody. */
export function createNotifier(host: Host, configuration: Configuration): Notifier | null {
  const { notify, job, providerName, settings, flags } = configuration;
  if (notify === null) return null;
  return new Notifier({
    notify,
    job,
    provider: providerName,
    host: host.me.host,
    language: settings.report.language,
    clock: host.clock,
    logger: createRunLogger(logPlaceOf(configuration), host.clock),
    warn: (sentence) => {
      if (!flags.quiet) host.stderr.write(`${sentence}\n`);
    },
  });
}
