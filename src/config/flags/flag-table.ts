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

// Each flag has one entry, in the order of --help: what it sets, which values it takes, its help and its commands
// stand here and nowhere else. `npm run docs` writes docs/commands.md from it.

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
    help: 'header=field, where field is userId or par',
    without: 'list.columns',
    on: ['run', 'plan', 'retry'],
    more: 'For columns with other names; may be given twice',
    check: columnMap(),
    over: { section: 'list', settings: [columnSettings.userId, columnSettings.par] },
  },
  encoding: {
    takes: 'text',
    group: 'list',
    help: `encoding of a text file: ${listEncodings.join(', ')}`,
    without: elseOf('list.encoding', readingSettings.encoding),
    on: ['run', 'plan'],
    check: asFlag(readingSettings.encoding),
    over: { section: 'list', settings: [readingSettings.encoding] },
  },
  sheet: {
    takes: 'text',
    group: 'list',
    help: 'the sheet of a workbook that holds the list',
    without: 'list.sheet, else the first visible one',
    on: ['run', 'plan'],
    check: asFlag(sourceSettings.sheet),
    over: { section: 'list', settings: [sourceSettings.sheet] },
  },
  yes: {
    takes: 'switch',
    group: 'list',
    help: 'accept a list of unusual size, or one that looks damaged but is correct; take 000_002 to mean its rows',
    on: ['run', 'plan'],
    but: {
      retry: { group: 'rows', help: 'take 000_002 to mean the rows, even if nothing has proved our set-up' },
      purge: { help: 'forget the rows without asking' },
      resolve: { help: 'settle many records without asking' },
      report: { group: 'report', help: 'move a run folder that was changed by hand aside' },
    },
    more: 'Give it when a person has checked the list and found it right: [what looks damaged](lists.md#refused-with-one-way-round)',
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
    help: 'also call records that are already a success',
    on: ['run', 'plan', 'retry'],
    check: givenOrNot,
  },
  concurrency: {
    takes: 'text',
    group: 'calls',
    help: 'at most so many records in flight',
    without: elseOf('limits.concurrency', limitSettings.concurrency),
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: at most so many members in flight',
        without: elseOf('limits.concurrency', limitSettings.concurrency),
      },
    },
    check: asFlag(limitSettings.concurrency),
    over: { section: 'limits', settings: [limitSettings.concurrency] },
  },
  limit: {
    takes: 'text',
    group: 'calls',
    help: 'call at most this many records',
    without: 'all that are due',
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: ask about at most this many members now',
        without: 'all of them',
      },
      'access-log': { group: 'rows', help: 'show at most this many entries', without: '100' },
    },
    more: 'Counted over all lists of the job together; exit 6 if more were due',
    check: asFlag({ written: wholeNumber(1, 1_000_000_000).optional() }),
  },
  maxCalls: {
    takes: 'text',
    group: 'calls',
    help: 'make at most this many calls, which do not count towards limits.maxCalls of the night',
    without: 'what limits.maxCalls leaves',
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: make at most this many calls, which do not count towards limits.maxCalls of the night',
        without: 'what limits.maxCalls leaves',
      },
    },
    more: 'Exit 6 if more were due',
    check: asFlag(limitSettings.maxCalls),
  },
  wait: {
    takes: 'switch',
    group: 'calls',
    help: 'wait while another process runs the job, instead of exit 8',
    on: ['run', 'retry'],
    but: {
      reconcile: {
        group: 'calls',
        help: 'provider: wait while another process reconciles, instead of exit 8',
      },
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
    more: 'With `ko` here or in the job file, the refusal of a list, the reason why a run stopped (including guards and limits) and `Next:` have the Korean sentence below the English one; `--json` and the log stay English',
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
        help: 'folder with the run folders, where the logs and the lists of breaks are',
        without: elseOf('report.directory', reportSettings.directory),
      },
      purge: {
        help: 'folder with the run folders, if they were moved',
        without: 'where the run wrote its own',
      },
    },
    more: 'It also applies to a run that is closed as superseded',
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
    more: 'A password belongs in DATABASE_URL, not here',
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
    help: 'no progress on stderr; run and retry print nothing if they end with exit code 0, otherwise one line; purge --yes prints nothing if nothing is wrong',
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

/** Flags as the command line passes them on: text and switches, unchecked. */
export type GivenFlags = { readonly [Key in FlagKey]?: Taken<(typeof flagTable)[Key]> | undefined };

/** The flags that the configuration checks. */
export type Flags = Pick<GivenFlags, keyof typeof settingFlags>;

export const flagsSchema = z.strictObject(
  Object.fromEntries(Object.entries(settingFlags).map(([key, { check }]) => [key, check])) as {
    -readonly [Key in keyof typeof settingFlags]: (typeof settingFlags)[Key]['check'];
  },
);
