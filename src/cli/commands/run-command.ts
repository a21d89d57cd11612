import type { Configuration } from '../../config/configuration.ts';
import type { Inbox } from '../../config/configured-list.ts';
import { worstEnd, type ExitDecision } from '../../domain/exit-cause.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { tellVerdict } from '../../report/texts/verdict-texts.ts';
import { runJob } from '../../run/run-job.ts';
import type { RefusedList, RunResult } from '../../run/run-environment.ts';
import { runInbox } from '../../service/inbox/run-inbox.ts';
import { failureDocument } from '../failure.ts';
import type { Host } from '../host.ts';
import {
  createHandedBackConfigurer,
  withListConfiguration,
  type ListArguments,
} from '../session/list-configuration.ts';
import { runNotified } from '../session/notified-start.ts';
import { showResult } from '../views/summary-view.ts';

export async function runCommand(
  argv: Readonly<Record<string, unknown>> & ListArguments,
  host: Host,
): Promise<ExitCode> {
  return (await runTarget(argv, host)).exitCode;
}

type RunEnd = Pick<ExitDecision, 'exitCode' | 'exitCause'>;

/** Runs one start of a job and shows its result; returns how it ended. */
export async function runTarget(
  argv: Readonly<Record<string, unknown>> & ListArguments,
  host: Host,
): Promise<RunEnd> {
  return await withListConfiguration(host, argv, async (configuration) => {
    if (configuration.inKoreanToo) host.useKorean();
    const { inbox } = configuration;
    if (inbox === null) return toldEnd(await runNotified(host, configuration, runJob), configuration, host);
    const configure = createHandedBackConfigurer(host, argv, configuration, 'the inbox');
    const results = await runNotified(
      host,
      configuration,
      async (environment) => await runInbox(environment, inbox, configure),
    );
    return results.length === 0
      ? tellEmptyInbox(inbox, configuration, host)
      : toldEnd(results, configuration, host);
  });
}

function toldEnd(
  results: readonly (RunResult | RefusedList)[],
  configuration: Configuration,
  host: Host,
): RunEnd {
  return { exitCause: worstEnd(results).exitCause, exitCode: tellResults(results, configuration, host) };
}

/** Says that the inbox is empty, which is no fault. */
function tellEmptyInbox({ folder }: Inbox, { flags, inKoreanToo }: Configuration, host: Host): RunEnd {
  const end = { exitCode: exitCodes.done, exitCause: 'nothing_due' } as const;
  if (flags.json) host.stdout.write(`${JSON.stringify({ ...end, runs: [] }, null, 2)}\n`);
  else if (!flags.quiet) {
    host.stdout.write(`The inbox ${folder} has no list; nobody was called.\n`);
    if (inKoreanToo) host.stdout.write(`수신함 ${folder}에 명단이 없어 아무도 호출하지 않았습니다.\n`);
  }
  return end;
}

/** Prints the results on stdout, for people or as one JSON document. Returns the exit code of all together. */
export function tellResults(
  results: readonly (RunResult | RefusedList)[],
  { flags, inKoreanToo }: Pick<Configuration, 'flags' | 'inKoreanToo'>,
  host: Host,
): ExitCode {
  const worst = worstEnd(results);
  if (flags.json) {
    const shown = results.map((result) => (result.kind === 'ran' ? result.summary : failureDocument(result)));
    const document = shown.length === 1 ? shown[0] : { ...worst, runs: shown };
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else if (flags.quiet) {
    for (const result of results) host.stderr.write(quietLine(result));
  } else {
    for (const result of results) {
      if (result.kind === 'ran') showResult(host, result, inKoreanToo);
      else host.stdout.write(`\n${refusedWords(result, inKoreanToo)}\n`);
    }
  }
  const { exitCode } = worst;
  const isFailure = exitCode === exitCodes.notEnrolled || exitCode === exitCodes.unclear;
  return flags.allowFailures && isFailure ? exitCodes.done : exitCode;
}

/**
 * Returns the line for --quiet, as for a cron that mails whatever is printed: nothing where all is well, else one
 * line.
 */
function quietLine(result: RunResult | RefusedList): string {
  const { exitCode, exitCause, reason } = result;
  if (exitCode === exitCodes.done) return '';
  const words =
    result.kind === 'refused'
      ? reason
      : `${result.summary.runId}: ${tellVerdict(result.summary.verdict, 'en').sentence} ${reason}`;
  return `kona-enroll: exit ${exitCode} (${exitCause}): ${cleanUntrustedText(words)}\n`;
}

function refusedWords(refused: RefusedList, inKoreanToo: boolean): string {
  const korean = inKoreanToo && refused.korean !== null ? [refused.korean] : [];
  const english =
    refused.exitCode === exitCodes.listRefused
      ? `Refused, nothing called: ${refused.reason}`
      : `Exit ${refused.exitCode}: ${refused.reason}`;
  return [english, ...korean].join('\n');
}
