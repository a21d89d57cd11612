import { z } from 'zod';
import { writtenList } from '../settings/list-setting-table.ts';
import { notifySettings } from '../settings/notify-setting-table.ts';
import { providerSettings } from '../settings/provider-setting-table.ts';
import {
  deskSettings,
  guardSettings,
  jobSettings,
  metricSettings,
  limitSettings,
  nightSettings,
  reportSettings,
  retrySettings,
  startSettings,
  verifySettings,
  windowSettings,
} from '../settings/setting-table.ts';
import { writtenShape, type Section } from '../settings/setting.ts';
import { isClosedAllDay } from './call-hours-settings.ts';

/** The settings of src/config/settings as one document, with the rules between them. */

const list = writtenList.superRefine((source, context) => {
  const given = [source.csv, source.excel, source.inbox, source.postgres].filter(
    (value) => value !== undefined,
  );
  if (given.length !== 1) context.addIssue('expected exactly one of csv, excel, inbox and postgres');
  if (source.sheet !== undefined && source.excel === undefined && source.inbox === undefined)
    context.addIssue('sheet goes with excel and inbox only');
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

const provider = z.strictObject(writtenShape(providerSettings));

const windows = z
  .strictObject({ ...writtenShape(windowSettings), ...writtenShape(nightSettings) })
  .refine(
    ({ blackout }) => !isClosedAllDay(blackout ?? []),
    'blackout leaves no minute of the day in which calls may leave',
  );

function section<S extends Section>(settings: S) {
  return z.strictObject(writtenShape(settings));
}

const { job, outcomes } = writtenShape(jobSettings);

const notify = section(notifySettings).refine(
  ({ ping, slack, webhook, mail }) => [ping, slack, webhook, mail].some((place) => place !== undefined),
  'expected at least one of ping, slack, webhook and mail',
);

/** The job file. */
export const jobFileSchema = z.strictObject({
  job,
  list,
  provider: z
    .union([z.literal('sandbox'), provider], { error: 'expected sandbox, or keys such as baseUrl' })
    .optional()
    .describe('default: KONA_BASE_URL'),
  limits: section(limitSettings).prefault({}),
  retry: section(retrySettings).prefault({}),
  verify: section(verifySettings).prefault({}),
  windows: windows.prefault({}),
  guards: section(guardSettings).prefault({}),
  outcomes,
  report: section(reportSettings).prefault({}),
  notify: notify.optional(),
  metrics: section(metricSettings)
    .refine(({ textfile }) => textfile !== undefined, 'expected textfile, the path of a .prom file')
    .optional(),
  ...writtenShape(startSettings),
  desk: section(deskSettings).prefault({}),
});

export type JobFile = z.output<typeof jobFileSchema>;
