import { z } from 'zod';
import { listEncodings, oneOf, text, wholeNumber, yesOrNo } from '../job-file/setting-schemas.ts';
import { columnSettings, readingSettings, sourceSettings } from '../settings/list-setting-table.ts';
import { limitSettings, reportSettings } from '../settings/setting-table.ts';
import { elseOf } from '../settings/setting.ts';
import { columnMap } from './column-map.ts';
import { asFlag, type Flag } from './flag.ts';
import { initFlags } from './init-flags.ts';
import { recordFlags } from './record-flags.ts';
import { sandboxFlags } from './sandbox-flags.ts';
import { serveFlags } from './serve-flags.ts';

// One entry a flag, in the order of --help. What it sets, what it takes, what is said of it and which commands have it
// stand here and nowhere else; `npm run docs` writes docs/commands.md from it.

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

const onLedger = [
  'run',
  'plan',
  'retry',
  'status',
  'explain',
  'report',
  'reconcile',
  'resolve',
  'pause',
  'resume',
  'doctor',
  'serve',
  'migrate',
  'access-log',
  'purge',
] as const;

const givenOrNot = yesOrNo().default(false);

/** Flags that the configuration checks. */
export const settingFlags = {
  map: {
    takes: 'texts',
    group: 'list',
    help: 'header=field, field being userId or par',
    without: 'list.columns',
    on: ['run', 'plan', 'retry'],
    more: 'For columns with other names; may be given twice',
    check: columnMap(),
    over: { section: 'list', settings: [columnSettings.userId, columnSettings.par] },
  },
  encoding: {
    takes: 'text',
    group: 'list',
    help: `of a text file: ${listEncodings.join(', ')}`,
    without: elseOf('list.encoding', readingSettings.encoding),
    on: ['run', 'plan'],
    check: asFlag(readingSettings.encoding),
    over: { section: 'list', settings: [readingSettings.encoding] },
  },
  sheet: {
    takes: 'text',
    group: 'list',
    help: 'of a workbook: the sheet with the list',
    without: 'list.sheet, else the first visible one',
    on: ['run', 'plan'],
    check: asFlag(sourceSettings.sheet),
    over: { section: 'list', settings: [sourceSettings.sheet] },
  },
  yes: {
    takes: 'switch',
    group: 'list',
    help: 'also a list of unusual size, or one that looks damaged and is so at its source; believe 000_002 of its rows',
    on: ['run', 'plan'],
    but: {
      retry: { group: 'rows', help: 'believe 000_002 of the rows, whatever proves our set-up' },
      purge: { help: 'forget it without asking' },
      resolve: { help: 'settle many without asking' },
      report: { group: 'report', help: 'move a folder that was changed by hand aside' },
    },
    more: 'Give it when a person has looked at the list and found it right: [what looks damaged](lists.md#refused-with-one-way-round)',
    check: givenOrNot,
  },
  rate: {
    takes: 'text',
    group: 'calls',
    help: 'calls allowed, such as 20/s or 600/min',
    without: elseOf('limits.rate', limitSettings.rate),
    on: ['run', 'plan', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: calls allowed, such as 20/s or 600/min',
        without: elseOf('limits.rate', limitSettings.rate),
      },
      init: { group: 'calls', help: 'calls the provider allows, such as 20/s or 600/min', without: '20/s' },
    },
    more: 'Several may stand together: `20/s, 600/min, 100000/day`. It is a promise about any window, not an average; a day is one of the job’s time zone',
    check: asFlag(limitSettings.rate),
    over: { section: 'limits', settings: [limitSettings.rate] },
  },
  again: {
    takes: 'switch',
    group: 'calls',
    help: 'also call records we hold as success',
    on: ['run', 'plan', 'retry'],
    check: givenOrNot,
  },
  concurrency: {
    takes: 'text',
    group: 'calls',
    help: 'records in flight at most',
    without: elseOf('limits.concurrency', limitSettings.concurrency),
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: members in flight at most',
        without: elseOf('limits.concurrency', limitSettings.concurrency),
      },
    },
    check: asFlag(limitSettings.concurrency),
    over: { section: 'limits', settings: [limitSettings.concurrency] },
  },
  limit: {
    takes: 'text',
    group: 'calls',
    help: 'call at most so many records',
    without: 'all that are due',
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: ask for at most so many members now',
        without: 'all of them',
      },
      'access-log': { group: 'rows', help: 'so many entries at most', without: '100' },
    },
    more: 'Counted over all lists of the job together; exit 6 if more were due',
    check: asFlag({ written: wholeNumber(1, 1_000_000_000).optional() }),
  },
  maxCalls: {
    takes: 'text',
    group: 'calls',
    help: 'make at most so many calls, which are not taken from limits.maxCalls of the night',
    without: 'what limits.maxCalls leaves',
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: make at most so many calls, which are not taken from limits.maxCalls of the night',
        without: 'what limits.maxCalls leaves',
      },
    },
    more: 'Exit 6 if more were due',
    check: asFlag(limitSettings.maxCalls),
  },
  wait: {
    takes: 'switch',
    group: 'calls',
    help: 'wait for whoever runs the job, instead of exit 8',
    on: ['run', 'retry'],
    but: {
      reconcile: { group: 'calls', help: 'provider: wait for whoever reconciles, instead of exit 8' },
    },
    check: givenOrNot,
  },
  lang: {
    takes: 'text',
    group: 'report',
    help: 'ko or en: language of the report; ko also adds Korean to refusals',
    without: elseOf('report.language', reportSettings.language),
    on: ['run', 'plan', 'retry'],
    but: {
      report: { group: 'report', help: 'ko or en', without: "the run's own" },
      template: { help: 'ko or en', without: 'ko' },
      init: { group: 'report', help: 'ko or en: language of the reports', without: 'ko' },
    },
    more: 'Given as `ko`, or written in the job file: the refusal of a list, what stopped a run (guards and limits too) and `Next:` have the Korean sentence under the English one; `--json` and the log stay English',
    check: asFlag(reportSettings.language),
    over: { section: 'report', settings: [reportSettings.language] },
  },
  reports: {
    takes: 'text',
    group: 'report',
    help: 'folder for the run folders',
    without: elseOf('report.directory', reportSettings.directory),
    on: ['run', 'retry', 'serve'],
    but: {
      report: { group: 'report', help: 'folder for the run folders', without: 'where the run wrote its own' },
      reconcile: {
        group: 'report',
        help: 'folder for the run folders, where the logs and the lists of breaks are',
        without: elseOf('report.directory', reportSettings.directory),
      },
      purge: {
        help: 'folder with the run folders, where they were moved',
        without: 'where the run wrote its own',
      },
    },
    more: 'It counts for a run that is closed as superseded too',
    check: asFlag(reportSettings.directory),
    over: { section: 'report', settings: [reportSettings.directory] },
  },
  allowFailures: {
    takes: 'switch',
    group: 'report',
    help: 'exit codes 3 and 4 become 0',
    on: ['run', 'retry', 'reconcile'],
    check: givenOrNot,
  },
  logLevel: {
    takes: 'text',
    group: 'report',
    help: logLevels.join(', '),
    without: 'info',
    on: ['run', 'retry', 'serve'],
    but: { reconcile: { group: 'report', help: `provider: ${logLevels.join(', ')}`, without: 'info' } },
    check: oneOf(logLevels).default('info'),
  },
  databaseUrl: {
    takes: 'text',
    group: 'ledger',
    help: 'the ledger: a postgres:// URL or embedded:FOLDER',
    without: 'DATABASE_URL, else embedded:.kona-enroll/ledger',
    on: onLedger,
    more: 'A password belongs into DATABASE_URL, not here',
    check: asFlag({ written: text('a postgres:// URL or embedded:FOLDER').optional() }),
  },
  json: {
    takes: 'switch',
    group: 'ledger',
    help: 'one JSON document on stdout',
    on: onLedger.filter((command) => command !== 'serve'),
    but: {
      rules: { help: 'one JSON document on stdout' },
      template: { help: 'one JSON document on stdout' },
      init: { help: 'one JSON document on stdout; asks nothing' },
    },
    check: givenOrNot,
  },
  quiet: {
    takes: 'switch',
    group: 'ledger',
    help: 'no progress on stderr; run and retry print one line where they do not end with 0, and nothing where they do; nor does purge --yes where nothing is amiss',
    on: onLedger,
    check: givenOrNot,
  },
} as const satisfies Readonly<Record<string, Flag>>;

/** Every flag of every command. */
export const flagTable = {
  ...recordFlags,
  ...settingFlags,
  ...serveFlags,
  ...initFlags,
  ...sandboxFlags,
} as const;

export type FlagKey = keyof typeof flagTable;

type Taken<F extends Flag> = F['takes'] extends 'switch'
  ? boolean
  : F['takes'] extends 'text'
    ? string
    : readonly string[];

/** Flags as the command line hands them over: text and switches, unchecked. */
export type GivenFlags = { readonly [Key in FlagKey]?: Taken<(typeof flagTable)[Key]> | undefined };

/** Those that the configuration checks. */
export type Flags = Pick<GivenFlags, keyof typeof settingFlags>;

export const flagsSchema = z.strictObject(
  Object.fromEntries(Object.entries(settingFlags).map(([key, { check }]) => [key, check])) as {
    -readonly [Key in keyof typeof settingFlags]: (typeof settingFlags)[Key]['check'];
  },
);
