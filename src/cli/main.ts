import yargs, { type Argv } from 'yargs';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { reportFailure } from './failure.ts';
import type { Host } from './host.ts';
import { UsageError } from './usage-error.ts';
import { ledgerFlags, runFlags } from './flag-definitions.ts';

type Command = (host: Host) => Promise<ExitCode>;

/** Parses the command line, does what it says, tells failures; the process's exit code. Never rejects. */
export async function main(argv: readonly string[], host: Host): Promise<ExitCode> {
  const asksForJson = argv.some((word) => /^--json(=true)?$/.test(word));
  try {
    const command = await parseCommand(argv, host);
    return await command(host);
  } catch (error) {
    return reportFailure(error, host, asksForJson);
  }
}

async function parseCommand(argv: readonly string[], host: Host): Promise<Command> {
  let chosen: Command | null = null;
  const choose = (command: Command): void => {
    chosen = command;
  };
  const parser = defineCommands(yargs([...argv]), choose)
    .scriptName('kona-enroll')
    .usage(
      '$0 <command>\n\nEnrols members into auto-recharge at payment and proves what happened to every line.',
    )
    .demandCommand(1, 'say what to do: kona-enroll --help lists the commands')
    .strictCommands()
    .recommendCommands()
    .strict()
    .version()
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
  await parser.parseAsync([...argv], {}, (_error, _arguments, output) => {
    shown = output;
  });
  if (shown !== '') host.stdout.write(`${shown}\n`);
  return chosen ?? (async () => await Promise.resolve(exitCodes.done));
}

/** yargs counts words; a person wants to know which one is missing. */
function explainUsage(message: string): string {
  return message.startsWith('Not enough non-option arguments')
    ? 'the command needs one more word: run needs a job file or a list file, explain a user id, a PAR or run:line'
    : message;
}

/** Commands load what they need when they are chosen, so that `--help` is quick. */
function defineCommands(parser: Argv, choose: (command: Command) => void): Argv {
  return parser
    .command(
      'run <target>',
      'enrol a list: a job file (.yaml) or a list file; the same command again continues an unfinished run',
      (command) => runFlags(command).positional('target', { type: 'string', demandOption: true }),
      (argv) => {
        choose(async (host) => await (await import('./run-command.ts')).runCommand(argv, host));
      },
    )
    .command(
      'retry',
      'call the failures of a run again: a run whose list is the ledger',
      (command) =>
        runFlags(command)
          .option('run', { type: 'string', describe: 'the run to take rows from; the last one by default' })
          .option('class', {
            type: 'string',
            describe: 'classes, with commas; action_required,transient,ambiguous,unprocessed by default',
          })
          .option('code', { type: 'string', describe: 'only rows with this provider code' })
          .option('older-than', {
            type: 'string',
            describe: 'only rows last called so long ago, such as 24h',
          }),
      (argv) => {
        choose(async (host) => await (await import('./retry-command.ts')).retryCommand(argv, host));
      },
    )
    .command(
      'status [run]',
      'where the last runs stand, or one of them',
      (command) => ledgerFlags(command).positional('run', { type: 'string' }),
      (argv) => {
        choose(async (host) => await (await import('./status-command.ts')).statusCommand(argv, host));
      },
    )
    .command(
      'explain <what>',
      'the whole life of one record: a user id, a PAR, or run:line',
      (command) => ledgerFlags(command).positional('what', { type: 'string', demandOption: true }),
      (argv) => {
        choose(async (host) => await (await import('./explain-command.ts')).explainCommand(argv, host));
      },
    )
    .command(
      'sandbox',
      'the provider simulator as a server on this machine',
      (command) =>
        command
          .option('port', { type: 'string', describe: 'port to listen on; any free one by default' })
          .option('state', { type: 'string', describe: 'file that keeps who is registered over restarts' })
          .option('fixtures', { type: 'string', describe: 'file with cards and their conditions' })
          .option('faults', { type: 'string', describe: 'YAML file with a seeded plan of faults' }),
      (argv) => {
        choose(async (host) => await (await import('./sandbox-command.ts')).sandboxCommand(argv, host));
      },
    );
}
