import { loadConfiguration } from '../../config/configuration.ts';
import { exitCodes, worstExitCode, type ExitCode } from '../../domain/exit-code.ts';
import { runJob } from '../../run/run-job.ts';
import type { RefusedList, RunResult } from '../../run/run-environment.ts';
import { failureDocument } from '../failure.ts';
import { flagsOf } from '../session/flag-definitions.ts';
import type { Host } from '../host.ts';
import { withRunEnvironment } from '../session/run-session.ts';
import { programName } from '../session/program-name.ts';
import { withStandardInput } from '../terminal/standard-input.ts';
import { formatResult } from '../views/summary-view.ts';

export async function runCommand(
  argv: Readonly<Record<string, unknown>> & { readonly target: string },
  host: Host,
): Promise<ExitCode> {
  const configuration = await loadConfiguration({
    target: argv.target,
    flags: flagsOf(argv),
    env: host.env,
    cwd: host.cwd,
  });
  const results = await withStandardInput(host, configuration, async (found) => {
    return await withRunEnvironment(host, found, runJob);
  });
  return tellResults(results, configuration.flags, host);
}

/** The result on stdout, as people read it or as one JSON document; the exit code of the whole. */
export function tellResults(
  results: readonly (RunResult | RefusedList)[],
  flags: { readonly json: boolean; readonly allowFailures: boolean },
  host: Host,
): ExitCode {
  const worst = worstExitCode(results.map((result) => result.exitCode));
  if (flags.json) {
    const shown = results.map((result) => (result.kind === 'ran' ? result.summary : failureDocument(result)));
    const document = shown.length === 1 ? shown[0] : { exitCode: worst, runs: shown };
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    for (const result of results) {
      host.stdout.write(
        result.kind === 'ran' ? formatResult(result, programName(host.env)) : `\n${refusedWords(result)}\n`,
      );
    }
  }
  const isFailure = worst === exitCodes.notEnrolled || worst === exitCodes.unclear;
  return flags.allowFailures && isFailure ? exitCodes.done : worst;
}

function refusedWords(refused: RefusedList): string {
  return refused.exitCode === exitCodes.listRefused
    ? `Refused, nothing called: ${refused.reason}`
    : `Exit ${refused.exitCode}: ${refused.reason}`;
}
