import type { Argv } from 'yargs';
import type { CommandName } from '../config/flags/flag.ts';
import type { GivenFlags } from '../config/flags/flag-table.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Host } from './host.ts';
import type { DefineFlags } from './session/flag-definitions.ts';

export type Command = (host: Host) => Promise<ExitCode>;

export interface ChosenCommand {
  readonly command: Command;
  /** It can be told to `--wait` for whoever has the job. */
  readonly hasWait: boolean;
}

export type Choose = (command: Command, hasWait: boolean) => void;

/** What a command line holds once it is parsed: the flags of its command, and the words it must or may have. */
type Arguments = Readonly<Record<string, unknown>> &
  GivenFlags & {
    readonly target: string;
    readonly what: string;
    readonly file: string;
    readonly jobs: readonly string[];
  };

interface CommandDefinition {
  /** Its name, and the words that follow it: `<one>` must be there, `[one]` may, `[some..]` may several times. */
  readonly words: CommandName | `${CommandName} ${string}`;
  /** One line for `--help`. */
  readonly what: string;
  /** Loads what the command needs, so that `--help` is quick. */
  readonly start: (argv: Arguments, host: Host) => Promise<ExitCode>;
  readonly hasWait?: (argv: Arguments) => boolean;
  /** For its own `--help`: what is typed after the program's name, and what that does. */
  readonly examples?: readonly (readonly [string, string])[];
}

const commands: readonly CommandDefinition[] = [
  {
    words: 'run <target>',
    what: 'enrol a list: a job file (.yaml) or a list file; the same command again continues an unfinished run',
    start: async (argv, host) =>
      argv.dryRun === true
        ? await (await import('./commands/plan-command.ts')).planCommand(argv, host)
        : await (await import('./commands/run-command.ts')).runCommand(argv, host),
    hasWait: ({ dryRun }) => dryRun !== true,
  },
  {
    words: 'plan <target>',
    what: 'what a run of this list would do, without calling or keeping anything',
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
    what: 'where the last runs stand, or one of them',
    start: async (argv, host) =>
      await (await import('./commands/status-command.ts')).statusCommand(argv, host),
  },
  {
    words: 'explain <what>',
    what: 'the whole life of one record: a user id, a PAR, or run:line; or of a break (break:N)',
    start: async (argv, host) =>
      await (await import('./commands/explain-command.ts')).explainCommand(argv, host),
  },
  {
    words: 'report [run]',
    what: "write a run's folder again from the ledger, the last one's by default; or prove it",
    start: async (argv, host) =>
      await (await import('./commands/report-command.ts')).reportCommand(argv, host),
  },
  {
    words: 'rules [job]',
    what: 'what each answer of the provider means: the rules in force, with a job file’s own over them',
    start: async (argv, host) => await (await import('./commands/rules-command.ts')).rulesCommand(argv, host),
  },
  {
    words: 'reconcile',
    what: 'compare the ledger with the last list, or with the provider: what differs is kept as breaks, with its age',
    start: async (argv, host) =>
      await (await import('./commands/reconcile-command.ts')).reconcileCommand(argv, host),
    hasWait: ({ against }) => against === 'provider',
  },
  {
    words: 'resolve [what]',
    what: 'settle a record (a user id, a PAR, or run:line), a break (break:N) or many of them: it raises no exit code any more',
    start: async (argv, host) =>
      await (await import('./commands/resolve-command.ts')).resolveCommand(argv, host),
  },
  {
    words: 'pause',
    what: 'have every run on this ledger hold its calls to a provider for a while; they wait and cost nothing',
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
    what: 'whether a run would do its work tonight: settings, keys, ledger, lists, provider, folders; changes nothing',
    start: async (argv, host) =>
      await (await import('./commands/doctor-command.ts')).doctorCommand(argv, host),
    examples: [
      ['doctor nightly.yaml', 'all that a run of this job will need'],
      ['doctor', 'without a job: environment, ledger and folders'],
      ['doctor nightly.yaml --call', 'one signed call too: do the keys fit?'],
      ['doctor nightly.yaml --json', 'one document, for a script that watches it by day'],
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
      ['serve jobs/*.yaml --only work', 'a second machine, which runs what others start'],
    ],
  },
  {
    words: 'migrate',
    what: 'bring the ledger’s schema up to date, as every command does that opens it, and say what that took',
    start: async (argv, host) =>
      await (await import('./commands/migrate-command.ts')).migrateCommand(argv, host),
  },
  {
    words: 'access-log',
    what: 'who was shown or given whole ids, when, how many rows, and why; newest first',
    start: async (argv, host) =>
      await (await import('./commands/access-log-command.ts')).accessLogCommand(argv, host),
  },
  {
    words: 'purge',
    what: 'forget whose rows old lists had, for good; says what first',
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
    what: 'the provider simulator as a server on this machine',
    start: async (argv, host) =>
      await (await import('./commands/sandbox-command.ts')).sandboxCommand(argv, host),
  },
];

/** Makes yargs know every command, its flags if the words name one; `choose` is told the one that a command line names. */
export async function defineCommands(parser: Argv, words: readonly string[], choose: Choose): Promise<Argv> {
  const namesOne = commands.some((command) => words.includes(nameOf(command)));
  // The table of flags brings the schema library with it, which the list of commands can do without.
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
