import { resolve } from 'node:path';
import { refused, type Checked } from '../../config/checked.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { writeEnvText } from '../../config/init/env-text.ts';
import { answerChecks, jobNameOf, sourceKinds, type FirstJob } from '../../config/init/first-job.ts';
import { checkFirstJobFile, writeJobFileText } from '../../config/init/job-file-text.ts';
import { flagName } from '../../config/flags/flag.ts';
import type { GivenFlags } from '../../config/flags/flag-table.ts';
import { exists } from '../../config/list-files.ts';
import { isJobFileName } from '../../config/job-file/job-file.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { Host } from '../host.ts';
import { isThereSentence, writeFirstFiles } from '../session/init/first-files.ts';
import { completeAnswers, type GivenAnswers } from '../session/init/first-job-answers.ts';
import { programName } from '../session/program-name.ts';
import { canAsk, withPrompt, type Ask } from '../terminal/prompt.ts';
import { UsageError } from '../usage-error.ts';
import { formatFirstFiles } from '../views/first-files-view.ts';

type InitArguments = Pick<
  GivenFlags,
  (typeof sourceKinds)[number] | 'baseUrl' | 'providerName' | 'rate' | 'job' | 'lang' | 'json'
> & { readonly file?: string | undefined };

/** Writes a first job file and what belongs to it, from flags or from a person's answers. Overwrites nothing. */
export async function initCommand(argv: InitArguments, host: Host): Promise<ExitCode> {
  const given = await checkGiven(argv, host);
  const isEnough = given.source !== null && given.baseUrl !== null;
  if (!isEnough && (argv.json === true || !canAsk(host))) throw new UsageError(missingSentence(given));
  const checkName = async (job: string): Promise<Checked<string>> => {
    const checked = answerChecks.job(job);
    if (checked.kind === 'refused' || argv.file !== undefined) return checked;
    const name = jobFileOf(job);
    return (await exists(resolve(host.cwd, name))) ? refused(isThereSentence(name)) : checked;
  };
  const complete = async (ask: Ask): Promise<FirstJob> => await completeAnswers(given, ask, checkName);
  const job = isEnough ? await complete(takeUsual) : await withPrompt(host, askAll(host, complete));
  // Writing takes a moment, and a signal must not leave half of it.
  const endHolding = host.onStopSignal(() => undefined);
  try {
    await writeAll(job, argv, host);
  } finally {
    endHolding();
  }
  return exitCodes.done;
}

async function writeAll(job: FirstJob, argv: InitArguments, host: Host): Promise<void> {
  const name = argv.file ?? jobFileOf(job.job);
  const text = writeJobFileText(job);
  const problems = await checkFirstJobFile(text, name, { layers: [host.env], cwd: host.cwd });
  if (problems.length > 0) throw new ConfigurationError(problems);
  const texts = { jobFile: { name, text }, env: writeEnvText(job) };
  const files = await writeFirstFiles(job, texts, { cwd: host.cwd, at: host.clock.now() });
  const program = programName(host.env);
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ job: job.job, jobFile: name, ...files }, null, 2)}\n`
      : formatFirstFiles(files, { job, jobFile: name, program }),
  );
}

function askAll(host: Host, complete: (ask: Ask) => Promise<FirstJob>): typeof complete {
  return async (ask) => {
    host.stderr.write(
      'Press Enter to accept the value in [ ]. Nothing is written before the last answer.\n\n',
    );
    const job = await complete(ask);
    host.stderr.write('\n');
    return job;
  };
}

const takeUsual: Ask = async ({ usual, check }) => valueOf(await check(usual));

function jobFileOf(job: string): string {
  return `${job}.yaml`;
}

/** Reads the answers in the flags and in the job file's name; each is checked like a typed answer. */
async function checkGiven(argv: InitArguments, host: Host): Promise<GivenAnswers> {
  const { file } = argv;
  if (file !== undefined && !isJobFileName(file))
    throw new UsageError(`${file}: expected the name of a job file (.yaml)`);
  if (file !== undefined && (await exists(resolve(host.cwd, file))))
    throw new UsageError(`${isThereSentence(file)}.`);
  const kinds = sourceKinds.filter((kind) => argv[kind] !== undefined);
  if (kinds.length > 1)
    throw new UsageError(
      `${kinds.map((kind) => `--${kind}`).join(' and ')}: a job has one kind of list; give one of them`,
    );
  const sources = kinds.map((kind) => ({
    kind,
    text: flagValue(kind, argv[kind], (text) => answerChecks.source(kind, text)) ?? '',
  }));
  return {
    source: sources[0] ?? null,
    baseUrl: flagValue('baseUrl', argv.baseUrl, answerChecks.baseUrl),
    providerName: flagValue('providerName', argv.providerName, answerChecks.providerName),
    rate: flagValue('rate', argv.rate, answerChecks.rate),
    job:
      flagValue('job', argv.job, answerChecks.job) ??
      (file === undefined ? null : jobNameOf({ kind: 'csv', text: file })),
    language: flagValue('lang', argv.lang, answerChecks.language),
  };
}

function flagValue<Value>(
  key: string,
  text: string | undefined,
  check: (text: string) => Checked<Value>,
): Value | null {
  if (text === undefined) return null;
  const checked = check(text);
  return checked.kind === 'valid'
    ? checked.value
    : valueOf(refused(...checked.problems.map((problem) => `--${flagName(key)}: ${problem}`)));
}

function valueOf<Value>(checked: Checked<Value>): Value {
  if (checked.kind === 'refused') throw new UsageError(checked.problems.join('; '));
  return checked.value;
}

function missingSentence({ source, baseUrl }: GivenAnswers): string {
  const missing = [
    ...(source === null ? ['--csv FILE (or --excel, --inbox, --query, --table)'] : []),
    ...(baseUrl === null ? ['--base-url ADDRESS (or --base-url sandbox, the simulator)'] : []),
  ];
  return `init can ask questions only at a terminal; give the missing answers as flags: ${missing.join(' and ')}`;
}
