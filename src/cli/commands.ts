import type { Argv } from 'yargs';
import type { ExitCode } from '../domain/exit-code.ts';
import {
  groups,
  ledgerFlags,
  listFlags,
  planFlags,
  reconcileFlags,
  reportFlags,
  retryFlags,
  runFlags,
  showIdsFlags,
} from './session/flag-definitions.ts';
import type { Host } from './host.ts';

export type Command = (host: Host) => Promise<ExitCode>;

export interface ChosenCommand {
  readonly command: Command;
  /** It can be told to `--wait` for whoever has the job. */
  readonly hasWait: boolean;
}

export type Choose = (command: Command, hasWait?: boolean) => void;

/** Commands load what they need when they are chosen, so that `--help` is quick. */
export function defineCommands(parser: Argv, choose: Choose): Argv {
  const commands = [
    defineCallingCommands,
    defineLookingCommands,
    defineSettlingCommands,
    defineKeepingCommands,
    defineToolCommands,
    defineServerCommands,
  ];
  return commands.reduce((defined, define) => define(defined, choose), parser);
}

function defineCallingCommands(parser: Argv, choose: Choose): Argv {
  return parser
    .command(
      'run <target>',
      'enrol a list: a job file (.yaml) or a list file; the same command again continues an unfinished run',
      (command) =>
        listFlags(runFlags(command))
          .positional('target', { type: 'string', demandOption: true })
          .option('dry-run', { type: 'boolean', describe: 'as plan: no calls, nothing kept' })
          .group('dry-run', groups.calls),
      (argv) => {
        const isPlan = argv['dry-run'] === true;
        choose(async (host) => {
          return isPlan
            ? await (await import('./commands/plan-command.ts')).planCommand(argv, host)
            : await (await import('./commands/run-command.ts')).runCommand(argv, host);
        }, !isPlan);
      },
    )
    .command(
      'plan <target>',
      'what a run of this list would do, without calling or keeping anything',
      (command) => listFlags(planFlags(command)).positional('target', { type: 'string', demandOption: true }),
      (argv) => {
        choose(async (host) => await (await import('./commands/plan-command.ts')).planCommand(argv, host));
      },
    )
    .command(
      'retry',
      'call the failures of a run again: a run whose list is the ledger',
      (command) => retryFlags(runFlags(command)),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/retry-command.ts')).retryCommand(argv, host),
          true,
        );
      },
    );
}

function defineLookingCommands(parser: Argv, choose: Choose): Argv {
  return parser
    .command(
      'status [run]',
      'where the last runs stand, or one of them',
      (command) =>
        ledgerFlags(command)
          .positional('run', { type: 'string' })
          .option('watch', { type: 'boolean', describe: 'how far live runs are, until they end' }),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/status-command.ts')).statusCommand(argv, host),
        );
      },
    )
    .command(
      'explain <what>',
      'the whole life of one record: a user id, a PAR, or run:line',
      (command) =>
        showIdsFlags(ledgerFlags(command)).positional('what', { type: 'string', demandOption: true }),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/explain-command.ts')).explainCommand(argv, host),
        );
      },
    )
    .command(
      'report [run]',
      "write a run's folder again from the ledger, the last one's by default; or prove it",
      (command) => reportFlags(ledgerFlags(command)).positional('run', { type: 'string' }),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/report-command.ts')).reportCommand(argv, host),
        );
      },
    )
    .command(
      'rules [job]',
      'what each answer of the provider means: the rules in force, with a job file’s own over them',
      (command) =>
        command
          .positional('job', { type: 'string' })
          .option('test', { type: 'string', describe: 'what one answer would mean, such as "400 007_017"' })
          .option('json', { type: 'boolean', describe: 'one JSON document on stdout' }),
      (argv) => {
        choose(async (host) => await (await import('./commands/rules-command.ts')).rulesCommand(argv, host));
      },
    );
}

function defineSettlingCommands(parser: Argv, choose: Choose): Argv {
  return parser
    .command(
      'reconcile',
      'compare the ledger with the last list, or with the provider: what differs is kept as breaks, with its age',
      (command) =>
        reconcileFlags(command)
          .option('against', { type: 'string', defaultDescription: 'list', describe: 'list or provider' })
          .option('job', { type: 'string', defaultDescription: 'that of the last list', describe: 'the job' })
          .option('run', {
            type: 'string',
            defaultDescription: 'the last one',
            describe: 'a run of the last list',
          })
          .option('job-file', { type: 'string', describe: 'provider: settings from this job file' })
          .option('sample', {
            type: 'string',
            defaultDescription: 'every member',
            describe: 'provider: so many members, spread evenly',
          })
          .group(['against', 'job', 'run', 'job-file', 'sample'], groups.rows),
      (argv) => {
        choose(
          async (host) =>
            await (await import('./commands/reconcile-command.ts')).reconcileCommand(argv, host),
          argv.against === 'provider',
        );
      },
    )
    .command(
      'resolve <what>',
      'settle a record (a user id, a PAR, or run:line) or a break (break:N): it raises no exit code any more',
      (command) =>
        ledgerFlags(command)
          .positional('what', { type: 'string', demandOption: true })
          .option('note', { type: 'string', describe: 'why it is settled; kept in the ledger' })
          .option('undo', { type: 'boolean', describe: 'take back what was settled' }),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/resolve-command.ts')).resolveCommand(argv, host),
        );
      },
    );
}

function defineKeepingCommands(parser: Argv, choose: Choose): Argv {
  return parser
    .command(
      'migrate',
      'bring the ledger’s schema up to date, as every command does that opens it, and say what that took',
      (command) =>
        ledgerFlags(command).option('reader', {
          type: 'string',
          describe: 'a role of the server that may read the views of docs/sql.md, and nothing else',
        }),
      (argv) => {
        choose(
          async (host) => await (await import('./commands/migrate-command.ts')).migrateCommand(argv, host),
        );
      },
    )
    .command(
      'access-log',
      'who was shown or given whole ids, when, how many rows, and why; newest first',
      (command) =>
        ledgerFlags(command)
          .option('since', { type: 'string', describe: 'only what is no older than this, such as 30d' })
          .option('limit', {
            type: 'string',
            defaultDescription: '100',
            describe: 'so many entries at most',
          })
          .group(['since', 'limit'], groups.rows),
      (argv) => {
        choose(
          async (host) =>
            await (await import('./commands/access-log-command.ts')).accessLogCommand(argv, host),
        );
      },
    )
    .command(
      'purge',
      'forget whose rows old lists had, for good; says what first',
      (command) =>
        ledgerFlags(command)
          .option('older-than', {
            type: 'string',
            defaultDescription: 'report.keep of each job',
            describe: 'what is older than this, such as 90d',
          })
          .option('reports', {
            type: 'string',
            defaultDescription: 'where the run wrote its own',
            describe: 'folder with the run folders, where they were moved',
          })
          .option('dry-run', { type: 'boolean', describe: 'say what would be forgotten, and do nothing' })
          .option('yes', { type: 'boolean', describe: 'forget it without asking' }),
      (argv) => {
        choose(async (host) => await (await import('./commands/purge-command.ts')).purgeCommand(argv, host));
      },
    );
}

function defineToolCommands(parser: Argv, choose: Choose): Argv {
  return parser.command(
    'template <file>',
    'write an empty list to fill in: a .csv or an .xlsx file',
    (command) =>
      command
        .positional('file', { type: 'string', demandOption: true })
        .option('lang', { type: 'string', defaultDescription: 'ko', describe: 'ko or en' })
        .option('json', { type: 'boolean', describe: 'one JSON document on stdout' }),
    (argv) => {
      choose(
        async (host) => await (await import('./commands/template-command.ts')).templateCommand(argv, host),
      );
    },
  );
}

const SANDBOX_MANNERS = [
  'faults',
  'lenient',
  'require-encryption',
  'plain-answers',
  'encrypt-answers',
  'plain-plans',
  'name-fields',
] as const;

function defineServerCommands(parser: Argv, choose: Choose): Argv {
  return parser.command(
    'sandbox',
    'the provider simulator as a server on this machine',
    (command) =>
      command
        .option('port', { type: 'string', defaultDescription: 'any free one', describe: 'port to listen on' })
        .option('state', { type: 'string', describe: 'file that keeps who is registered over restarts' })
        .option('fixtures', { type: 'string', describe: 'file with cards and their conditions' })
        .option('faults', { type: 'string', describe: 'YAML file with a seeded plan of faults' })
        .option('host', { type: 'string', defaultDescription: '127.0.0.1', describe: 'address to listen on' })
        .option('expose', { type: 'boolean', describe: 'let --host be an address others reach' })
        .option('lenient', { type: 'boolean', describe: 'let pass what a forgiving platform might' })
        .option('require-encryption', { type: 'boolean', describe: 'refuse plain calls' })
        .option('plain-answers', { type: 'boolean', describe: 'answer encrypted calls in plain' })
        .option('encrypt-answers', {
          type: 'boolean',
          conflicts: 'plain-answers',
          describe: 'encrypt every answer, also that of a plain call',
        })
        .option('plain-plans', { type: 'boolean', describe: 'take plans calls plain only' })
        .option('name-fields', {
          type: 'boolean',
          describe: 'name the header or field that is wrong in the message of 000_002',
        })
        .group(['port', 'host', 'expose', 'state', 'fixtures'], 'The server:')
        .group(SANDBOX_MANNERS, 'How it answers:'),
    (argv) => {
      choose(
        async (host) => await (await import('./commands/sandbox-command.ts')).sandboxCommand(argv, host),
      );
    },
  );
}
