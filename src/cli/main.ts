import yargs from 'yargs';
import { readProgramVersion } from '../config/program-version.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { defineCommands, type Choose, type ChosenCommand } from './commands.ts';
import { describeFailure, reportFailure } from './failure.ts';
import type { Host } from './host.ts';
import { logFailure } from './session/failure-log.ts';
import { UsageError } from './usage-error.ts';

/** Parses the command line, does what it says, tells failures; the process's exit code. Never rejects. */
export async function main(argv: readonly string[], host: Host): Promise<ExitCode> {
  const asksForJson = argv.some((word) => /^--json(=true)?$/.test(word));
  let hasWait = false;
  try {
    const chosen = await parseCommand(argv, host);
    ({ hasWait } = chosen);
    return await chosen.command(host);
  } catch (error) {
    // What can wait for another process is what calls: its failures leave a line in the log.
    if (hasWait) logFailure(host, argv, describeFailure(error, hasWait));
    return reportFailure(error, host, { asksForJson, hasWait });
  }
}

async function parseCommand(argv: readonly string[], host: Host): Promise<ChosenCommand> {
  let chosen: ChosenCommand | null = null;
  const choose: Choose = (command, hasWait = false) => {
    chosen = { command, hasWait };
  };
  const words = argv.map(withoutDash);
  const parser = defineCommands(yargs(words), choose)
    .scriptName('kona-enroll')
    .usage(
      '$0 <command>\n\nEnrols members into auto-recharge at payment and proves what happened to every line.',
    )
    .demandCommand(1, 'say what to do: kona-enroll --help lists the commands')
    .strictCommands()
    .recommendCommands()
    .strict()
    .version(readProgramVersion())
    .help()
    .alias('help', 'h')
    .locale('en')
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(110, host.stdout.columns > 0 ? host.stdout.columns : 110))
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .fail((message, error) => {
      throw new UsageError(explainUsage(message ?? error.message));
    });
  let shown = '';
  await parser.parseAsync(words, {}, (_error, _arguments, output) => {
    shown = output;
  });
  if (shown !== '') host.stdout.write(`${shown}\n`);
  const shownOnly = async (): Promise<ExitCode> => await Promise.resolve(exitCodes.done);
  return chosen ?? { command: shownOnly, hasWait: false };
}

/** yargs takes a lone `-` for a flag without a name; the system has another name for standard input. */
function withoutDash(word: string): string {
  return word === '-' ? '/dev/stdin' : word;
}

/** yargs counts words; a person wants to know which one is missing. */
function explainUsage(message: string): string {
  return message.startsWith('Not enough non-option arguments')
    ? 'the command needs one more word: run needs a job file or a list file, explain a user id, a PAR or run:line, resolve one of these or break:N'
    : message;
}
