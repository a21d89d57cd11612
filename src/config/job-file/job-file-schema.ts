import { z } from 'zod';
import { languages } from '../../domain/language.ts';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { givenOutcomes, whyNotGiven } from '../../domain/provider-code.ts';
import {
  backoff,
  contentEncryptions,
  duration,
  listEncodings,
  oneOf,
  rates,
  text,
  timeZoneName,
  wholeNumber,
  yesOrNo,
} from './setting-schemas.ts';
import { BLACKOUT, isClosedAllDay, parseBlackout, parseClockTime, STOP_AT } from './window-settings.ts';

/** More columns than any spreadsheet has. */
const LAST_COLUMN = 16_384;

const column = z.union(
  [
    text('auto, or a header of the list'),
    wholeNumber(1, LAST_COLUMN).describe('column number, where header is false'),
  ],
  { error: 'expected auto, or a header of the list, written in quotes' },
);

const postgres = z
  .strictObject({
    url: text('a postgres:// URL', /^postgres(?:ql)?:\/\/\S/),
    query: text('a query').optional(),
    table: text('a table').optional(),
    statementTimeout: duration('1s', '24h').prefault('10m'),
  })
  .refine(
    (source) => (source.query === undefined) !== (source.table === undefined),
    'expected either query or table',
  );

const list = z
  .strictObject({
    csv: text('a path or a glob').optional(),
    excel: text('a path or a glob').optional(),
    sheet: text('the name of a sheet').optional(),
    postgres: postgres.optional(),
    encoding: oneOf(listEncodings).prefault('auto'),
    header: z
      .union([z.literal('auto'), z.literal(false)], { error: 'expected auto or false' })
      .prefault('auto'),
    columns: z.strictObject({ userId: column.prefault('auto'), par: column.prefault('auto') }).prefault({}),
    idsMayEndInZeros: yesOrNo()
      .prefault(false)
      .describe(
        'true: long ids that end in zeros from the 16th digit on are no damage, the source has them so',
      ),
    cardsPerMember: wholeNumber(1, 1_000_000_000)
      .prefault(20)
      .describe('PARs of one member that are no damage, though they are more than a tenth of the list'),
    mayEndWithoutLineEnd: yesOrNo()
      .prefault(false)
      .describe('true: a file that ends inside an id, without a line end, was not cut off'),
  })
  .superRefine((source, context) => {
    const given = [source.csv, source.excel, source.postgres].filter((value) => value !== undefined);
    if (given.length !== 1) context.addIssue('expected exactly one of csv, excel and postgres');
    if (source.sheet !== undefined && source.excel === undefined)
      context.addIssue('sheet goes with excel only');
    const { userId, par } = source.columns;
    if (userId === par && userId !== 'auto')
      context.addIssue('columns.userId and columns.par name the same column');
    if (source.header === false && [userId, par].some((name) => typeof name !== 'number')) {
      context.addIssue('header: false goes with two column numbers, such as columns: { userId: 1, par: 2 }');
    }
    if (source.postgres !== undefined && (source.header === false || source.encoding !== 'auto')) {
      context.addIssue('header and encoding go with files only');
    }
    if (source.excel !== undefined && source.encoding !== 'auto') {
      context.addIssue('encoding goes with text files only');
    }
    if (source.header === 'auto' && [userId, par].some((name) => typeof name === 'number')) {
      context.addIssue('a column number goes with header: false; write the header of the column, in quotes');
    }
  });

const provider = z.strictObject({
  name: text(
    'a name of at most 200 characters, other than sandbox',
    /^(?!sandbox$)\S(?:[^\p{C}]{0,198}\S)?$/u,
  ).optional(),
  baseUrl: text('the URL of the provider').optional().describe('default: KONA_BASE_URL'),
  encryption: oneOf(['required', 'off']).prefault('required'),
  contentEncryption: oneOf(contentEncryptions).prefault('A128GCM'),
  timeZone: oneOf(['KST', 'UTC']).optional().describe('default: KONA_TIME_ZONE, else KST'),
  correlationEcho: oneOf(['check', 'ignore'])
    .prefault('check')
    .describe('ignore: a gateway on the way puts correlation ids of its own on answers'),
});

const limits = z.strictObject({
  rate: rates().prefault('20/s'),
  burst: wholeNumber(1, 1_000_000).prefault(1).describe('calls that may leave together'),
  concurrency: wholeNumber(1, 1000).prefault(16),
  timeout: duration('100ms', '10m').prefault('10s'),
  adaptive: yesOrNo().prefault(true),
  maxCalls: wholeNumber(1, 1_000_000_000).optional(),
});

const retry = z.strictObject({
  attempts: wholeNumber(1, 100).prefault(5),
  backoff: backoff().prefault('1s..60s'),
  nights: wholeNumber(1, 366).prefault(14),
});

const windows = z
  .strictObject({
    blackout: z
      .array(
        text('a window such as 23:30-00:30', BLACKOUT)
          .transform(parseBlackout)
          .refine(
            ({ start, end }) => start !== end,
            'expected a window that ends at another time than it begins',
          ),
        { error: 'expected a list of windows such as ["23:30-00:30"]' },
      )
      .optional(),
    stopAt: text('a time such as 05:30', STOP_AT).transform(parseClockTime).optional(),
    timeZone: timeZoneName().prefault(USUAL_TIME_ZONE),
  })
  .refine(
    ({ blackout }) => !isClosedAllDay(blackout ?? []),
    'blackout leaves no minute of the day in which calls may leave',
  );

const guards = z.strictObject({
  canary: wholeNumber(0, 100_000).prefault(20).describe('0 is off'),
  maxFailures: z
    .union([text('a share such as 5%', /^(?:100|[0-9]{1,2})%$/), wholeNumber(0, 1_000_000_000)], {
      error: 'expected a share such as 5%, or a whole number',
    })
    .prefault('5%'),
  maxUnknownCodes: wholeNumber(0, 1_000_000_000).prefault(20),
  listSize: z
    .union([z.literal('off'), text('a share such as 50%', /^[1-9][0-9]{0,3}%$/)], {
      error: 'expected a share such as 50%, or off',
    })
    .prefault('50%')
    .describe('how much larger or smaller than usual a list may be without --yes'),
});

const outcomes = z
  .record(
    text('codes such as "999_999", other than 000_000 and 007_017', /^(?!000_000|007_017)[0-9]{3}_[0-9]{3}$/),
    oneOf(givenOutcomes),
  )
  .superRefine((given, context) => {
    for (const [code, outcome] of Object.entries(given)) {
      const why = whyNotGiven(code, outcome);
      if (why !== null) context.addIssue({ code: 'custom', path: [code], message: why });
    }
  });

/** The job file. Every key there will ever be is here; what is not built yet is refused in unbuilt-settings.ts. */
export const jobFileSchema = z.strictObject({
  job: text('1 to 64 of a-z, 0-9 and -', /^[a-z0-9-]{1,64}$/),
  list,
  provider: z
    .union([z.literal('sandbox'), provider], { error: 'expected sandbox, or keys such as baseUrl' })
    .optional()
    .describe('default: KONA_BASE_URL'),
  limits: limits.prefault({}),
  retry: retry.prefault({}),
  verify: z
    .strictObject({
      enabled: yesOrNo().prefault(false),
      encryption: oneOf(['required', 'off'])
        .optional()
        .describe('of the plans inquiry; default: as provider.encryption'),
    })
    .prefault({}),
  windows: windows.prefault({}),
  guards: guards.prefault({}),
  outcomes: outcomes.prefault({}),
  report: z
    .strictObject({
      directory: text('a folder').prefault('runs'),
      language: oneOf(languages).prefault('ko'),
      keep: duration('1d', '3650d').prefault('90d'),
    })
    .prefault({}),
  notify: z.strictObject({ webhook: text('a URL') }).optional(),
  schedule: text('five fields of a cron line', /^\S+(?:\s+\S+){4}$/).optional(),
});

export type JobFile = z.output<typeof jobFileSchema>;
