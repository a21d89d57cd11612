import type { Configuration } from '../../config/configuration.ts';
import type { RefusedList, RunEnvironment, RunResult } from '../../run/run-environment.ts';
import { endOfStart } from '../../service/notify/job-condition.ts';
import { Notifier } from '../../service/notify/notifier.ts';
import { describeFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { createRunLogger } from './run-logger.ts';
import { logPlaceOf, withRunEnvironment } from './run-session.ts';

type Results = readonly (RunResult | RefusedList)[];

/**
 * Does the work of a start under its environment, and tells whoever the job file names how it went, also where it failed
 * before any run began. A start that found nothing to run says nothing of the job.
 */
export async function runNotified<R extends Results>(
  host: Host,
  configuration: Configuration,
  work: (environment: RunEnvironment) => Promise<R>,
): Promise<R> {
  const notifier = createNotifier(host, configuration);
  if (notifier === null) return await withRunEnvironment(host, configuration, work);
  host.hide(configuration.secrets);
  notifier.began();
  try {
    return await withRunEnvironment(host, configuration, async (environment) => {
      try {
        const results = await work(environment);
        await notifier.ended(environment.ledger, results.length === 0 ? null : endOfStart(results));
        return results;
      } catch (error) {
        await notifier.ended(environment.ledger, endOfFailure(error));
        throw error;
      }
    });
  } catch (error) {
    await notifier.ended(null, endOfFailure(error));
    throw error;
  }
}

function endOfFailure(error: unknown) {
  return { ...describeFailure(error), results: [] };
}

function createNotifier(host: Host, configuration: Configuration): Notifier | null {
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
