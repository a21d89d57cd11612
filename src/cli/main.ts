import yargs from 'yargs';
import { readProgramVersion } from '../config/program-version.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { defineCommands, type Choose, type ChosenCommand } from './commands.ts';
import { reportFailure, tellFailure } from './failure.ts';
import type { ProcessHost } from './host.ts';
import { createWaitingWord } from './terminal/waiting-word.ts';
import { UsageError } from './usage-error.ts';
import {
  explainUsage,
  findUnknownFlag,
  HELP_EPILOGUE,
  HELP_EXAMPLES,
  withoutHelpWord,
} from './usage-words.ts';

/**
 * Parses the command line, runs the command and reports failures. Returns the process's exit code; never rejects.
 * `showsWord`: a word stands at the terminal already, which the first output replaces.
 */
export async function main(argv: readonly string[], host: ProcessHost, showsWord = false): Promise<ExitCode> {
  const asksForJson = argv.some((word) => /^--json(=true)?$/.test(word));
  const isQuiet = argv.some((word) => /^--quiet(=true)?$/.test(word));
  const { waitsFor, end, stdout, stderr } = createWaitingWord(host, isQuiet, showsWord);
  let hasWait = false;
  let inKoreanToo = false;
  const useKorean = (): void => {
    inKoreanToo = true;
  };
  try {
    const chosen = await parseCommand(argv, host);
    ({ hasWait } = chosen);
    // What the process says about itself may change meanwhile, so a copy would not do.
    const speaking = Object.assign(Object.create(host) as ProcessHost, {
      useKorean,
      waitsFor,
      stdout,
      stderr,
    });
    if (chosen.command !== shownOnly) waitsFor('starting');
    return await chosen.command(speaking);
  } catch (error) {
    end();
    // Only commands that make calls can wait for another process; their failures leave a line in the log.
    if (hasWait) {
      const { logFailure } = await import('./session/failure-log.ts');
      logFailure(host, argv, tellFailure(error, hasWait, host.env));
    }
    return reportFailure(error, host, { asksForJson, hasWait, inKoreanToo });
  } finally {
    end();
  }
}

/** Ends after help, version or completion, which yargs has written. */
async function shownOnly(): Promise<ExitCode> {
  return await Promise.resolve(exitCodes.done);
}

async function parseCommand(argv: readonly string[], host: ProcessHost): Promise<ChosenCommand> {
  let chosen: ChosenCommand | null = null;
  const choose: Choose = (command, hasWait) => {
    chosen = { command, hasWait };
  };
  const words = withoutHelpWord(argv.map(withoutDash));
  const commands = await defineCommands(yargs(words), words, choose);
  const parser = commands
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
    .example(HELP_EXAMPLES.map(([example, what]) => [example, what]))
    .epilogue(HELP_EPILOGUE)
    .completion(
      'completion',
      'write a script that completes commands and flags: put it into ~/.bashrc or ~/.zshrc',
    )
    .fail((message, error, failing) => {
      // At run time this is a text, whatever its type says.
      const help: unknown = failing.help();
      const unknown =
        typeof help === 'string' && namesCommand(words, help)
          ? findUnknownFlag(words, knownFlags(help))
          : null;
      throw new UsageError(unknown ?? explainUsage(message ?? error.message));
    });
  let shown = '';
  await parser.parseAsync(words, {}, (_error, _arguments, output) => {
    shown = output;
  });
  if (shown !== '') host.stdout.write(`${shown}\n`);
  return chosen ?? { command: shownOnly, hasWait: false };
}

/** Returns false where the first word is no command, or is missing: then no command's flags can be meant. */
function namesCommand(words: readonly string[], help: string): boolean {
  const commands = [...help.matchAll(/^ {2}kona-enroll (?<name>[a-z-]+)/gm)].map(
    ({ groups }) => groups?.['name'],
  );
  // The help of a single command lists no others.
  return commands.length === 0 || commands.includes(words.find((word) => !word.startsWith('-')));
}

/** Returns the flags that the command's own help lists. */
function knownFlags(help: string): readonly string[] {
  return Array.from(
    help.matchAll(/^\s+(?:-\w, )?--(?<name>[\w-]+)/gm),
    ({ groups }) => groups?.['name'] ?? '',
  );
}

/**
 * Replaces a lone `-`, which yargs takes for a flag without a name, by the system's other name for standard input.
 */
function withoutDash(word: string): string {
  return word === '-' ? '/dev/stdin' : word;
}
