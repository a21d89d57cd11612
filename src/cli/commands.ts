import type { Argv } from 'yargs';
import type { CommandName } from '../config/flags/flag.ts';
import type { GivenFlags } from '../config/flags/flag-table.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Host } from './host.ts';
import type { DefineFlags } from './session/flag-definitions.ts';

export type Command = (host: Host) => Promise<ExitCode>;

export interface ChosenCommand {
  readonly command: Command;
  /** The command has `--wait`, to wait while another process has the job. */
  readonly hasWait: boolean;
}

export type Choose = (command: Command, hasWait: boolean) => void;

/** A parsed command line: the flags of its command, and the words it must or may have. */
type Arguments = Readonly<Record<string, unknown>> &
  GivenFlags & {
    readonly target: string;
    readonly what: string;
    readonly file: string;
    readonly jobs: readonly string[];
  };

interface CommandDefinition {
  /**
   * The command's name and the words after it: `<one>` is required, `[one]` is optional, `[some..]` may be repeated.
   */
  readonly words: CommandName | `${CommandName} ${string}`;
  /** One line for `--help`. */
  readonly what: string;
  /** Loads the command's code only when it starts, so that `--help` is quick. */
  readonly start: (argv: Arguments, host: Host) => Promise<ExitCode>;
  readonly hasWait?: (argv: Arguments) => boolean;
  /** For the command's own `--help`: what to type after the program's name, and what that does. */
  readonly examples?: readonly (readonly [string, string])[];
}

const commands: readonly CommandDefinition[] = [
  {
    words: 'run <target>',
    what: 'enrol a list: a job file (.yaml) or a list file; repeat the command to continue an unfinished run',
    start: async (argv, host) =>
      argv.dryRun === true
        ? await (await import('./commands/plan-command.ts')).planCommand(argv, host)
        : await (await import('./commands/run-command.ts')).runCommand(argv, host),
    hasWait: ({ dryRun }) => dryRun !== true,
  },
  {
    words: 'plan <target>',
    what: 'show what a run of this list would do, without calling or keeping anything',
    start: async (argv, host) => await (await import('./commands/plan-command.ts')).planCommand(argv, host),
  },
  {
    words: 'retry',
    what: 'call the failures of a run again: a run whose list is the ledger',
    start: async (argv, host) => await (await import('./commands/retry-command.ts')).retryCommand(argv, host),
    hasWait: () => true,
  },
  {
    words: 'status [run]',
    what: 'show the state of the last runs, or of one run',
    start: async (argv, host) =>
      await (await import('./commands/status-command.ts')).statusCommand(argv, host),
  },
  {
    words: 'explain <what>',
    what: 'show the whole history of one record (a user id, a PAR, or run:line) or of a break (break:N)',
    start: async (argv, host) =>
      await (await import('./commands/explain-command.ts')).explainCommand(argv, host),
  },
  {
    words: 'report [run]',
    what: "write a run's folder again from the ledger (by default of the last run), or check it",
    start: async (argv, host) =>
      await (await import('./commands/report-command.ts')).reportCommand(argv, host),
  },
  {
    words: 'rules [job]',
    what: 'show what each answer of the provider means: the rules in force, including those of a job file',
    start: async (argv, host) => await (await import('./commands/rules-command.ts')).rulesCommand(argv, host),
  },
  {
    words: 'reconcile',
    what: 'compare the ledger with the last list, or with the provider: differences are kept as breaks, with their age',
    start: async (argv, host) =>
      await (await import('./commands/reconcile-command.ts')).reconcileCommand(argv, host),
    hasWait: ({ against }) => against === 'provider',
  },
  {
    words: 'resolve [what]',
    what: 'settle a record (a user id, a PAR, or run:line), a break (break:N) or many of them: it no longer affects the exit code',
    start: async (argv, host) =>
      await (await import('./commands/resolve-command.ts')).resolveCommand(argv, host),
  },
  {
    words: 'pause',
    what: 'make every run on this ledger hold its calls to a provider for a while; waiting costs nothing',
    start: async (argv, host) => await (await import('./commands/pause-command.ts')).pauseCommand(argv, host),
    examples: [['pause --for 30m --note "provider restarts"', 'calls wait for half an hour']],
  },
  {
    words: 'resume',
    what: 'end a pause before its time',
    start: async (argv, host) =>
      await (await import('./commands/resume-command.ts')).resumeCommand(argv, host),
  },
  {
    words: 'doctor [job]',
    what: 'check that a run would work tonight: settings, keys, ledger, lists, provider, folders; changes nothing',
    start: async (argv, host) =>
      await (await import('./commands/doctor-command.ts')).doctorCommand(argv, host),
    examples: [
      ['doctor nightly.yaml', 'check everything that a run of this job will need'],
      ['doctor', 'without a job: check environment, ledger and folders'],
      ['doctor nightly.yaml --call', 'also make one signed call: are the keys right?'],
      ['doctor nightly.yaml --json', 'one JSON document, for a monitoring script'],
    ],
  },
  {
    words: 'init [file]',
    what: 'write a first job file, with every key explained, and a .env for the keys: asks, or takes it from flags',
    start: async (argv, host) => await (await import('./commands/init-command.ts')).initCommand(argv, host),
    examples: [
      ['init nightly.yaml', 'asks where the list comes from, and for the provider'],
      ['init --csv members.csv --base-url sandbox', 'asks nothing; for the simulator'],
    ],
  },
  {
    words: 'serve [jobs..]',
    what: 'start jobs on their schedule and run them, on one machine or several, until it is stopped',
    start: async (argv, host) =>
      await (await import('./commands/serve/serve-command.ts')).serveCommand(argv, host),
    examples: [
      ['serve jobs/*.yaml', 'each job starts at its own schedule: in the job’s time zone'],
      ['serve jobs/*.yaml --only work', 'on a second machine: run what others start'],
    ],
  },
  {
    words: 'migrate',
    what: 'bring the ledger’s schema up to date, as every command that opens it does, and say what was done',
    start: async (argv, host) =>
      await (await import('./commands/migrate-command.ts')).migrateCommand(argv, host),
  },
  {
    words: 'access-log',
    what: 'show who saw or received whole ids, when, how many rows, and why; newest first',
    start: async (argv, host) =>
      await (await import('./commands/access-log-command.ts')).accessLogCommand(argv, host),
  },
  {
    words: 'purge',
    what: 'delete the ids of old lists for good; says first what would be deleted',
    start: async (argv, host) => await (await import('./commands/purge-command.ts')).purgeCommand(argv, host),
  },
  {
    words: 'template <file>',
    what: 'write an empty list to fill in: a .csv or an .xlsx file',
    start: async (argv, host) =>
      await (await import('./commands/template-command.ts')).templateCommand(argv, host),
  },
  {
    words: 'sandbox',
    what: 'start the provider simulator as a server on this machine',
    start: async (argv, host) =>
      await (await import('./commands/sandbox-command.ts')).sandboxCommand(argv, host),
  },
];

/**
 * Makes yargs know every command, and its flags where the words name one command. `choose` receives the command that
 * the command line names.
 */
export async function defineCommands(parser: Argv, words: readonly string[], choose: Choose): Promise<Argv> {
  const namesOne = commands.some((command) => words.includes(nameOf(command)));
  // The flag table loads the schema library, which the list of commands does not need.
  const flags = namesOne ? await loadFlags() : null;
  return commands.reduce((defined, command) => defineCommand(defined, command, flags, choose), parser);
}

async function loadFlags(): Promise<DefineFlags> {
  const { checkWithoutCompiling, defineFlags } = await import('./session/flag-definitions.ts');
  checkWithoutCompiling();
  return defineFlags;
}

function nameOf({ words }: CommandDefinition): CommandName {
  return words.split(' ')[0] as CommandName;
}

function defineCommand(
  parser: Argv,
  definition: CommandDefinition,
  defineFlags: DefineFlags | null,
  choose: Choose,
): Argv {
  const { words, what, start, hasWait, examples = [] } = definition;
  const word = words.split(' ')[1];
  return parser.command(
    words,
    what,
    (command) => {
      const flagged = (defineFlags === null ? command : defineFlags(command, nameOf(definition))).example(
        examples.map(([typed, told]): [string, string] => [`$0 ${typed}`, told]),
      );
      return word === undefined
        ? flagged
        : flagged.positional(word.slice(1, -1).replace('..', ''), {
            type: 'string',
            array: word.includes('..'),
            demandOption: word.startsWith('<'),
          });
    },
    (argv) => {
      const parsed = argv as unknown as Arguments;
      choose(async (host) => await start(parsed, host), hasWait?.(parsed) ?? false);
    },
  );
}
