import { loadJobSettings, type Configuration } from '../../../config/configuration.ts';
import { loadDeskSignIn, type DeskSignIn } from '../../../config/desk/sign-in-configuration.ts';
import { flagsOf } from '../../../config/flags/flags.ts';
import { isJobFileName } from '../../../config/job-file/job-file.ts';
import type { ExitCode } from '../../../domain/exit-code.ts';
import { openLedger } from '../../../ledger/engine/open-ledger.ts';
import { exitCodeOfSignal, type StopSignal } from '../../../run/run-environment.ts';
import type { Notifier } from '../../../service/notify/notifier.ts';
import type { StartedRun } from '../../../service/serve/do-request.ts';
import { nextStartWords, serve, type ServeOptions } from '../../../service/serve/serve.ts';
import { Heartbeat } from '../../../service/health/heartbeat.ts';
import type { ListenAddress } from '../../../service/health/status-server.ts';
import { servedJobOf, type ServedJob } from '../../../service/serve/served-job.ts';
import type { Host } from '../../host.ts';
import { ledgerAddressOf } from '../../session/ledger-address.ts';
import { OPENING_LEDGER } from '../../session/ledger-session.ts';
import { createNotifier } from '../../session/notified-start.ts';
import { createRunLogger, type LogPlace } from '../../session/run-logger.ts';
import { listenForStop, logPlaceOf } from '../../session/run-session.ts';
import { openPages, type ServedPages } from './served-pages.ts';
import { assertServable, listenAddressOf, partsOf, servesDesk, type Served } from './serve-parts.ts';
import { createServedUploads, tellServedFailure } from './served-uploads.ts';
import { Bell } from '../../../service/serve/bell.ts';
import { createServedHosts, type ServedHosts } from './served-host.ts';
import { STOPPED_AT_ONCE } from '../../terminal/stop-words.ts';
import { UsageError } from '../../usage-error.ts';
import { runTarget } from '../run-command.ts';

type ServeArguments = Readonly<Record<string, unknown>> & {
  readonly jobs: readonly string[];
  readonly only?: string | undefined;
  readonly listen?: string | undefined;
};

/** Serves jobs until a signal asks it to stop; the signal decides the exit code, as for a run. */
export async function serveCommand(argv: ServeArguments, host: Host): Promise<ExitCode> {
  const listen = listenAddressOf(argv.listen);
  const configurations = await loadJobs(argv, host);
  const [first] = configurations;
  if (first === undefined) throw new UsageError('serve: name the job files to serve');
  const jobs = configurations.map(({ file, configuration }) => servedJobOf(file, configuration));
  host.hide(configurations.flatMap(({ configuration }) => configuration.secrets));
  const signIn = await assertServed({ jobs, only: argv.only, listen }, host);
  host.logTo({ ...logPlaceOf(first.configuration), job: null });
  return await serveJobs(host, {
    argv,
    listen,
    configurations: configurations.map(({ configuration }) => configuration),
    jobs,
    signIn,
    first: first.configuration,
  });
}

interface Serving {
  readonly argv: ServeArguments;
  readonly listen: ListenAddress | null;
  readonly configurations: readonly Configuration[];
  readonly jobs: readonly ServedJob[];
  readonly signIn: DeskSignIn | null;
  /** Whose ledger and log all of them share. */
  readonly first: Configuration;
}

async function serveJobs(
  host: Host,
  { argv, listen, configurations, jobs, signIn, first }: Serving,
): Promise<ExitCode> {
  const parts = partsOf(argv.only);
  host.waitsFor(OPENING_LEDGER);
  const address = ledgerAddressOf(first.database);
  const ledger = await openLedger(address);
  const stop = listenForStop(host, tellStops(host));
  const lentLedger = ledger.engine === 'embedded' ? { ...ledger, close: async () => {} } : null;
  const hosts = createServedHosts(host, { lentLedger, stop: stop.signal });
  const heartbeat = new Heartbeat(host.clock);
  const bell = new Bell();
  const words = settingWords(argv);
  const uploads = createServedUploads({ host, hosts, words, ledger, address, jobs, bell });
  let pages: ServedPages | null = null;
  const tell = createTeller(host, { ...logPlaceOf(first), job: null });
  try {
    pages = await openPages(host, {
      ledger,
      heartbeat,
      listen,
      signIn,
      configurations: parts.has('desk') ? configurations : [],
      tell: (sentence) => {
        tell(null, sentence);
      },
      desk: uploads.desk,
    });
    await serve({
      ledger,
      address,
      clock: host.clock,
      jobs,
      schedules: parts.has('schedule'),
      works: parts.has('work'),
      stop: stop.signal,
      ...createStarts(argv, hosts),
      runUpload: uploads.run,
      bell,
      tell,
      ready: (now) => {
        for (const job of jobs) host.stdout.write(`${job.name} ${nextStartWords(job, now)}\n`);
        pages?.tellAddresses();
      },
      beat: () => {
        heartbeat.beat();
      },
    });
    return exitCodeOfSignal(stop.signal.reason as StopSignal);
  } finally {
    stop.end();
    await pages?.close();
    await ledger.close();
  }
}

/** Returns how people sign in at the desk; null: they don't, or there is no desk. */
async function assertServed(served: Omit<Served, 'signIn'>, host: Host): Promise<DeskSignIn | null> {
  const signIn = servesDesk(served.jobs, partsOf(served.only)) ? await loadDeskSignIn(host) : null;
  assertServable({ ...served, signIn });
  return signIn;
}

function createTeller(host: Host, place: LogPlace): (job: ServedJob | null, sentence: string) => void {
  const logger = createRunLogger(place, host.clock);
  return (job, sentence) => {
    host.stderr.write(`${job === null ? 'serve' : job.name}: ${sentence}\n`);
    logger.info('serving', { served: job?.name ?? null, sentence });
  };
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

/** Creates the functions for when a job starts, and for when people must be told that it did not. */
function createStarts(argv: ServeArguments, hosts: ServedHosts): Pick<ServeOptions, 'run' | 'notifierOf'> {
  return {
    run: async (job, isAgain) => await runServed(settingWords(argv), hosts, job, isAgain),
    notifierOf: async (job) => await notifierOf(argv, hosts, job),
  };
}

/** Returns the notifier of the job file as it is now; a start also reads everything else from it anew. */
async function notifierOf(
  argv: ServeArguments,
  hosts: ServedHosts,
  { name, file }: ServedJob,
): Promise<Notifier | null> {
  const host = hosts.hostOf(name);
  const input = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  const configuration = await loadJobSettings({ ...input, jobFile: file });
  host.hide(configuration.secrets);
  return createNotifier(host, configuration);
}

/** Those that say how a run goes, not what is served. */
function settingWords(argv: ServeArguments): Readonly<Record<string, unknown>> {
  const { jobs: _jobs, only: _only, listen: _listen, ...flags } = argv;
  return flags;
}

/** Runs the job exactly like `run JOB`, failures included. */
async function runServed(
  words: Readonly<Record<string, unknown>>,
  hosts: ServedHosts,
  { name, file }: ServedJob,
  isAgain: boolean,
): Promise<StartedRun> {
  const host = hosts.hostOf(name);
  try {
    return await runTarget({ ...words, target: file, wait: isAgain }, host);
  } catch (error) {
    return tellServedFailure(error, host, ['run', file]);
  }
}
