import { loadJobSettings, type Configuration } from '../../../config/configuration.ts';
import { flagsOf } from '../../../config/flags/flags.ts';
import { serveFlags } from '../../../config/flags/serve-flags.ts';
import { isJobFileName } from '../../../config/job-file/job-file.ts';
import { readProgramVersion } from '../../../config/program-version.ts';
import type { ExitCode } from '../../../domain/exit-code.ts';
import { openLedger, type OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import { exitCodeOfSignal, type StopSignal } from '../../../run/run-environment.ts';
import { makeQueue } from '../../../service/queue/make-queue.ts';
import type { StartedRun } from '../../../service/serve/do-request.ts';
import { nextStartWords, serve } from '../../../service/serve/serve.ts';
import { Heartbeat } from '../../../service/health/heartbeat.ts';
import {
  parseListenAddress,
  startStatusServer,
  type ListenAddress,
  type StatusPages,
  type StatusServer,
} from '../../../service/health/status-server.ts';
import { servedJobOf, type ServedJob } from '../../../service/serve/served-job.ts';
import { describeFailure, reportFailure, tellFailure } from '../../failure.ts';
import type { Host } from '../../host.ts';
import { logFailure } from '../../session/failure-log.ts';
import { ledgerAddressOf } from '../../session/ledger-address.ts';
import { OPENING_LEDGER } from '../../session/ledger-session.ts';
import { createRunLogger } from '../../session/run-logger.ts';
import { listenForStop, logPlaceOf } from '../../session/run-session.ts';
import { createServedHosts, type ServedHosts } from './served-host.ts';
import { STOPPED_AT_ONCE } from '../../terminal/stop-words.ts';
import { UsageError } from '../../usage-error.ts';
import { runTarget } from '../run-command.ts';

type ServeArguments = Readonly<Record<string, unknown>> & {
  readonly jobs: readonly string[];
  readonly only?: string | undefined;
  readonly listen?: string | undefined;
};

const PARTS = ['schedule', 'work'] as const;
type Part = (typeof PARTS)[number];

/** Serves jobs until a signal asks it to stop: that is its exit code, as a run's. */
export async function serveCommand(argv: ServeArguments, host: Host): Promise<ExitCode> {
  const parts = partsOf(argv.only);
  const listen = listenAddressOf(argv.listen);
  const configurations = await loadJobs(argv, host);
  const [first] = configurations;
  if (first === undefined) throw new UsageError('serve: name the job files to serve');
  const jobs = configurations.map(({ file, configuration }) => servedJobOf(file, configuration));
  assertServable(jobs, parts);
  host.hide(configurations.flatMap(({ configuration }) => configuration.secrets));
  host.logTo({ ...logPlaceOf(first.configuration), job: null });
  host.waitsFor(OPENING_LEDGER);
  const address = ledgerAddressOf(first.configuration.database);
  const ledger = await openLedger(address);
  const stop = listenForStop(host, tellStops(host));
  const lentLedger = ledger.engine === 'embedded' ? { ...ledger, close: async () => {} } : null;
  const hosts = createServedHosts(host, { lentLedger, stop: stop.signal });
  const logger = createRunLogger({ ...logPlaceOf(first.configuration), job: null }, host.clock);
  const heartbeat = new Heartbeat(host.clock);
  let server: StatusServer | null = null;
  try {
    // An embedded ledger makes its schema when it is opened, and its queue here: its owner is whoever starts us.
    if (ledger.engine === 'embedded') await makeQueue(ledger, address);
    if (listen !== null) server = await startStatusServer(listen, pagesOf(ledger, heartbeat, host));
    const health = server === null ? '' : `; ${server.url}/healthz says whether it does`;
    await serve({
      ledger,
      address,
      clock: host.clock,
      jobs,
      schedules: parts.has('schedule'),
      works: parts.has('work'),
      stop: stop.signal,
      run: async (job, isAgain) => await runServed(argv, hosts, job, isAgain),
      tell: (job, sentence) => {
        host.stderr.write(`${job === null ? 'serve' : job.name}: ${sentence}\n`);
        logger.info('serving', { served: job?.name ?? null, sentence });
      },
      ready: (now) => {
        for (const job of jobs) host.stdout.write(`${job.name} ${nextStartWords(job, now)}\n`);
        host.stderr.write(`serving${health}; Ctrl-C or SIGTERM ends it\n`);
      },
      beat: () => {
        heartbeat.beat();
      },
    });
    return exitCodeOfSignal(stop.signal.reason as StopSignal);
  } finally {
    stop.end();
    await server?.close();
    await ledger.close();
  }
}

function tellStops(host: Host): Parameters<typeof listenForStop>[1] {
  return {
    stopAsked: (signal) => {
      host.stderr.write(`${signal}: no new run begins; what is under way ends as a run that is stopped\n`);
    },
    stoppedAtOnce: () => {
      host.stderr.write(`${STOPPED_AT_ONCE}\n`);
    },
  };
}

function pagesOf(ledger: OpenLedger, heartbeat: Heartbeat, { clock }: Host): StatusPages {
  return {
    health: () => heartbeat.health(),
    metrics: async () => {
      const { collectMetrics } = await import('../../../service/metrics/collect-metrics.ts');
      const registry = await collectMetrics(ledger, { now: clock.now(), version: readProgramVersion() });
      return await registry.metrics();
    },
  };
}

/** Null: none. */
function listenAddressOf(text: string = serveFlags.listen.without): ListenAddress | null {
  if (text === 'none') return null;
  const address = parseListenAddress(text);
  if (address === null) throw new UsageError('--listen: expected an address such as 127.0.0.1:8080, or none');
  return address;
}

function partsOf(only: string | undefined): ReadonlySet<Part> {
  if (only === undefined) return new Set(PARTS);
  const named = only.split(',').map((word) => word.trim());
  const known = PARTS.filter((part) => named.includes(part));
  if (known.length !== named.length) throw new UsageError(`--only: expected ${PARTS.join(' or ')}`);
  return new Set(known);
}

interface LoadedJob {
  readonly file: string;
  readonly configuration: Configuration;
}

async function loadJobs(argv: ServeArguments, host: Host): Promise<readonly LoadedJob[]> {
  const input = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  const loaded: LoadedJob[] = [];
  for (const file of argv.jobs) {
    if (!isJobFileName(file)) throw new UsageError(`serve: ${file} is no job file (.yaml)`);
    loaded.push({ file, configuration: await loadJobSettings({ ...input, jobFile: file }) });
  }
  return loaded;
}

function assertServable(jobs: readonly ServedJob[], parts: ReadonlySet<Part>): void {
  for (const [at, { name, file }] of jobs.entries()) {
    const other = jobs.slice(0, at).find((earlier) => earlier.name === name);
    if (other !== undefined) throw new UsageError(`serve: ${other.file} and ${file} are both of job ${name}`);
  }
  if (parts.has('schedule') && jobs.every(({ schedule }) => schedule === null)) {
    throw new UsageError(
      'serve: none of these job files has a schedule, so nothing would ever start; add schedule: "0 1 * * *" to one, or give --only work',
    );
  }
}

/** The very same as `run JOB`, failures included. */
async function runServed(
  argv: ServeArguments,
  hosts: ServedHosts,
  { name, file }: ServedJob,
  isAgain: boolean,
): Promise<StartedRun> {
  const host = hosts.hostOf(name);
  const { jobs: _jobs, only: _only, listen: _listen, ...flags } = argv;
  try {
    return await runTarget({ ...flags, target: file, wait: isAgain }, host);
  } catch (error) {
    logFailure(host, ['run', file], tellFailure(error, false, host.env));
    const how = { asksForJson: false, hasWait: false, inKoreanToo: host.inKoreanToo };
    reportFailure(error, host, how);
    return describeFailure(error);
  }
}
