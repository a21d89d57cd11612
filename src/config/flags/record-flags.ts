import { retriedByDefault } from '../../domain/class.ts';
import type { Flag } from './flag.ts';

/** Flags that one command reads by itself: which rows it takes, and what it does. */
export const recordFlags = {
  against: {
    takes: 'text',
    group: 'rows',
    help: 'list or provider',
    without: 'list',
    on: ['reconcile'],
  },
  job: {
    takes: 'text',
    group: 'rows',
    help: 'take rows from every run of this job’s last night, such as all files of a glob',
    on: ['retry'],
    but: {
      reconcile: { group: 'rows', help: 'the job', without: 'that of the last list' },
      init: { help: 'the name of the job', without: 'as its file or its list is called' },
    },
    more: 'retry takes each record from the latest of these runs, and makes one retry run for each',
  },
  run: {
    takes: 'text',
    group: 'rows',
    help: 'the run to take rows from',
    without: 'the last one',
    on: ['retry'],
    but: {
      reconcile: { group: 'rows', help: 'a run of the last list', without: 'the last one' },
      resolve: { group: 'rows', help: 'only records, or breaks of records, that stand in this run’s list' },
    },
    more: 'retry takes the last one only where the ledger has one job',
  },
  class: {
    takes: 'text',
    group: 'rows',
    help: 'classes, with commas',
    without: retriedByDefault.join(','),
    on: ['retry'],
    but: {
      resolve: { group: 'rows', help: 'every record that has one of these classes now, with commas' },
    },
    more: 'With `--kind`, resolve takes only breaks of such records',
  },
  kind: {
    takes: 'text',
    group: 'rows',
    help: 'every open break of these kinds, with commas',
    on: ['resolve'],
  },
  code: { takes: 'text', group: 'rows', help: 'only rows with this provider code', on: ['retry'] },
  olderThan: {
    takes: 'text',
    group: 'rows',
    help: 'only rows last called so long ago, such as 24h',
    on: ['retry'],
    but: {
      purge: {
        group: 'rows',
        help: 'what is older than this, such as 90d',
        without: 'report.keep of each job',
      },
    },
    more: 'purge takes a day at least',
  },
  nights: {
    takes: 'text',
    group: 'rows',
    help: 'only rows that have come again for at least so many nights',
    on: ['retry'],
  },
  jobFile: {
    takes: 'text',
    group: 'rows',
    help: 'settings from this job file as it is now',
    without: 'those kept with the run',
    on: ['retry'],
    but: {
      run: {
        group: 'list',
        help: 'of a list of ours handed back: settings from this job file, instead of those kept with its run',
      },
      plan: {
        group: 'list',
        help: 'of a list of ours handed back: settings from this job file, instead of those kept with its run',
      },
      reconcile: { group: 'rows', help: 'provider: settings from this job file' },
    },
    more: 'Its rules count too. [A list handed back](run-folder.md#a-list-handed-back)',
  },
  sample: {
    takes: 'text',
    group: 'rows',
    help: 'provider: so many members, spread evenly',
    without: 'every member',
    on: ['reconcile'],
  },
  since: {
    takes: 'text',
    group: 'rows',
    help: 'only what is no older than this, such as 30d',
    on: ['access-log'],
  },
  dryRun: {
    takes: 'switch',
    group: 'calls',
    help: 'as plan: no calls, nothing kept',
    on: ['run'],
    but: {
      purge: { help: 'say what would be forgotten, and do nothing' },
      resolve: { help: 'say how many would be settled, and do nothing' },
    },
  },
  call: {
    takes: 'switch',
    group: 'calls',
    help: 'ask the provider for the plans of the list’s first member: one signed call, which registers nobody',
    on: ['doctor'],
    more: 'It takes no permit and writes nothing, so it comes on top of what runs may call just then; its correlation id is told',
  },
  verify: {
    takes: 'switch',
    group: 'report',
    help: 'prove a run and its folder, or check the folder named, and write nothing',
    on: ['report'],
    more: 'Exit 9 where the tables of the ledger disagree, 8 where only the folder does',
  },
  showIds: {
    takes: 'switch',
    group: 'ids',
    help: 'whole ids instead of masked ones; goes with --reason',
    on: ['explain'],
    more: 'Also in the messages and answers of the provider. It is an entry of the access log before anything is shown',
  },
  reason: {
    takes: 'text',
    group: 'ids',
    help: 'why whole ids are needed; kept in the access log',
    on: ['explain'],
    more: 'What looks like an id in it is masked there',
  },
  watch: {
    takes: 'switch',
    help: 'how far live runs are, until they end',
    on: ['status'],
    more: 'A line each, every second, until they end or Ctrl-C; on no terminal a line now and then. Not with `--json`',
  },
  note: {
    takes: 'text',
    help: 'why it is settled; kept in the ledger',
    on: ['resolve'],
    but: { pause: { help: 'why it is paused; kept in the ledger, and told with the pause' } },
    more: 'At most 500 characters; pause masks what looks like an id in it',
  },
  provider: {
    takes: 'text',
    help: 'the provider’s name, as runs print it before their first call',
    without: 'that of the ledger’s runs, where they have one',
    on: ['pause', 'resume'],
  },
  for: {
    takes: 'text',
    help: 'how long, such as 30m; 7d at most',
    on: ['pause'],
    more: 'It begins now, and the clock of the ledger’s database ends it. A pause under way that ends later stands',
  },
  undo: { takes: 'switch', help: 'take back what was settled', on: ['resolve'] },
  runner: {
    takes: 'text',
    help: 'a role of the server that may do all that runs do, and make, alter or drop nothing',
    on: ['migrate'],
    more: 'Also what later steps add. [Roles](operations.md#roles)',
  },
  reader: {
    takes: 'text',
    help: 'a role of the server that may read the views of docs/sql.md, and nothing else',
    on: ['migrate'],
  },
  from: {
    takes: 'text',
    help: 'an embedded ledger, as embedded:FOLDER, all of whose rows come into this one, which must be empty',
    on: ['migrate'],
    more: '[From an embedded ledger to a server](operations.md#from-an-embedded-ledger-to-a-server)',
  },
  test: { takes: 'text', help: 'what one answer would mean, such as "400 007_017"', on: ['rules'] },
} as const satisfies Readonly<Record<string, Flag>>;
