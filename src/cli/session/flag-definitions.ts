import type { Argv } from 'yargs';
import type { Flags } from '../../config/flags.ts';

/** Headings under which `--help` lists the flags; a command has those it has flags for, in this order. */
export const groups = {
  rows: 'Which rows:',
  list: 'The list:',
  calls: 'The calls:',
  report: 'Report, log and exit code:',
  ids: 'Whole ids:',
  ledger: 'Ledger and output:',
} as const;

/** Flags of every command that only looks at the ledger. */
export function ledgerFlags<Parsed>(command: Argv<Parsed>) {
  return Object.values(groups)
    .reduce((ordered, group) => ordered.group([], group), command)
    .option('database-url', {
      type: 'string',
      defaultDescription: 'DATABASE_URL, else embedded:.kona-enroll/ledger',
      describe: 'the ledger: a postgres:// URL or embedded:FOLDER',
    })
    .option('json', { type: 'boolean', describe: 'one JSON document on stdout' })
    .option('quiet', { type: 'boolean', describe: 'no progress on stderr' })
    .group(['database-url', 'json', 'quiet'], groups.ledger);
}

/** Flags of every command that settles what is called. Values stay text here; the configuration checks them. */
export function planFlags<Parsed>(command: Argv<Parsed>) {
  return ledgerFlags(command)
    .option('rate', {
      type: 'string',
      defaultDescription: 'limits.rate, else 20/s',
      describe: 'calls allowed, such as 20/s or 600/min',
    })
    .option('lang', {
      type: 'string',
      defaultDescription: 'report.language, else ko',
      describe: 'ko or en: language of the report; ko also adds Korean to refusals',
    })
    .option('again', { type: 'boolean', describe: 'also call records we hold as success' })
    .option('map', {
      type: 'string',
      defaultDescription: 'list.columns',
      array: true,
      nargs: 1,
      describe: 'header=field, field being userId or par',
    })
    .group(['map'], groups.list)
    .group(['rate', 'again'], groups.calls)
    .group(['lang'], groups.report);
}

/** Flags of commands that read a list. */
export function listFlags<Parsed>(command: Argv<Parsed>) {
  return command
    .option('encoding', {
      type: 'string',
      defaultDescription: 'list.encoding, else auto',
      describe: 'of a text file: auto, utf-8, utf-16le, utf-16be, cp949 or latin-1',
    })
    .option('sheet', {
      type: 'string',
      defaultDescription: 'list.sheet, else the first visible one',
      describe: 'of a workbook: the sheet with the list',
    })
    .option('yes', {
      type: 'boolean',
      describe:
        'also a list of unusual size, or one that looks damaged and is so at its source; believe 000_002 of its rows',
    })
    .option('job-file', {
      type: 'string',
      describe:
        'of a list of ours handed back: settings from this job file, instead of those kept with its run',
    })
    .group(['encoding', 'sheet', 'yes', 'job-file'], groups.list);
}

/** Flags of commands that call the provider. */
export function runFlags<Parsed>(command: Argv<Parsed>) {
  return planFlags(command)
    .option('concurrency', {
      type: 'string',
      defaultDescription: 'limits.concurrency, else 16',
      describe: 'records in flight at most',
    })
    .option('limit', {
      type: 'string',
      defaultDescription: 'all that are due',
      describe: 'call at most so many records',
    })
    .option('max-calls', {
      type: 'string',
      defaultDescription: 'what limits.maxCalls leaves',
      describe: 'make at most so many calls, which are not taken from limits.maxCalls of the night',
    })
    .option('wait', { type: 'boolean', describe: 'wait for whoever runs the job, instead of exit 8' })
    .option('reports', {
      type: 'string',
      defaultDescription: 'report.directory, else runs',
      describe: 'folder for the run folders',
    })
    .option('allow-failures', { type: 'boolean', describe: 'exit codes 3 and 4 become 0' })
    .option('log-level', {
      type: 'string',
      defaultDescription: 'info',
      describe: 'debug, info, warn or error',
    })
    .group(['concurrency', 'limit', 'max-calls', 'wait'], groups.calls)
    .group(['reports', 'allow-failures', 'log-level'], groups.report);
}

/** Which rows of which runs are called again. */
export function retryFlags<Parsed>(command: Argv<Parsed>) {
  return command
    .option('job', {
      type: 'string',
      describe: 'take rows from every run of this job’s last night, such as all files of a glob',
    })
    .option('run', {
      type: 'string',
      defaultDescription: 'the last one',
      describe: 'the run to take rows from',
    })
    .option('class', {
      type: 'string',
      defaultDescription: 'action_required,transient,ambiguous,unprocessed',
      describe: 'classes, with commas',
    })
    .option('code', { type: 'string', describe: 'only rows with this provider code' })
    .option('job-file', {
      type: 'string',
      defaultDescription: 'those kept with the run',
      describe: 'settings from this job file as it is now',
    })
    .option('older-than', { type: 'string', describe: 'only rows last called so long ago, such as 24h' })
    .option('nights', {
      type: 'string',
      describe: 'only rows that have come again for at least so many nights',
    })
    .option('yes', { type: 'boolean', describe: 'believe 000_002 of the rows, whatever proves our set-up' })
    .group(['job', 'run', 'class', 'code', 'older-than', 'nights', 'job-file', 'yes'], groups.rows);
}

/** Flags of commands that mask ids unless a person says why not. */
export function showIdsFlags<Parsed>(command: Argv<Parsed>) {
  return command
    .option('show-ids', { type: 'boolean', describe: 'whole ids instead of masked ones; goes with --reason' })
    .option('reason', { type: 'string', describe: 'why whole ids are needed; kept in the access log' })
    .group(['show-ids', 'reason'], groups.ids);
}

/** Flags of the command that writes or proves a run folder. */
export function reportFlags<Parsed>(command: Argv<Parsed>) {
  return command
    .option('lang', { type: 'string', defaultDescription: "the run's own", describe: 'ko or en' })
    .option('verify', {
      type: 'boolean',
      describe: 'prove a run and its folder, or check the folder named, and write nothing',
    })
    .option('reports', {
      type: 'string',
      defaultDescription: 'where the run wrote its own',
      describe: 'folder for the run folders',
    })
    .option('yes', { type: 'boolean', describe: 'move a folder that was changed by hand aside' })
    .group(['lang', 'verify', 'reports', 'yes'], groups.report);
}

/** Flags of a comparison, which may call the provider. */
export function reconcileFlags<Parsed>(command: Argv<Parsed>) {
  return ledgerFlags(command)
    .option('rate', {
      type: 'string',
      defaultDescription: 'limits.rate, else 20/s',
      describe: 'provider: calls allowed, such as 20/s or 600/min',
    })
    .option('concurrency', {
      type: 'string',
      defaultDescription: 'limits.concurrency, else 16',
      describe: 'provider: members in flight at most',
    })
    .option('limit', {
      type: 'string',
      defaultDescription: 'all of them',
      describe: 'provider: ask for at most so many members now',
    })
    .option('max-calls', {
      type: 'string',
      defaultDescription: 'what limits.maxCalls leaves',
      describe: 'provider: make at most so many calls, not taken from limits.maxCalls of the night',
    })
    .option('wait', { type: 'boolean', describe: 'provider: wait for whoever reconciles, instead of exit 8' })
    .option('reports', {
      type: 'string',
      defaultDescription: 'report.directory, else runs',
      describe: 'folder for the run folders, where the logs are',
    })
    .option('allow-failures', { type: 'boolean', describe: 'exit codes 3 and 4 become 0' })
    .option('log-level', {
      type: 'string',
      defaultDescription: 'info',
      describe: 'provider: debug, info, warn or error',
    })
    .group(['rate', 'concurrency', 'limit', 'max-calls', 'wait'], groups.calls)
    .group(['reports', 'allow-failures', 'log-level'], groups.report);
}

/** Only what the configuration knows: it refuses everything else. */
export function flagsOf(argv: Readonly<Record<string, unknown>>): Flags {
  const known = [
    'databaseUrl',
    'json',
    'rate',
    'concurrency',
    'limit',
    'maxCalls',
    'again',
    'map',
    'encoding',
    'sheet',
    'yes',
    'wait',
    'reports',
    'lang',
    'allowFailures',
    'logLevel',
    'quiet',
  ];
  return Object.fromEntries(
    known.filter((name) => argv[name] !== undefined).map((name) => [name, argv[name]]),
  );
}
