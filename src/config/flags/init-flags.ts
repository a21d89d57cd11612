import { sourceSettings, postgresSettings } from '../settings/list-setting-table.ts';
import type { Flag } from './flag.ts';

/** Flags of `init`, in place of the questions it would ask. One of the first five says where the list comes from. */
export const initFlags = {
  csv: { takes: 'text', group: 'list', help: 'a path or a glob of text files', on: ['init'] },
  excel: { takes: 'text', group: 'list', help: sourceSettings.excel.help, on: ['init'] },
  inbox: { takes: 'text', group: 'list', help: sourceSettings.inbox.help, on: ['init'] },
  query: {
    takes: 'text',
    group: 'list',
    help: 'the query of a Postgres database that gives the list',
    on: ['init'],
    more: 'Write the URL of the database into `.env`, as SOURCE_DATABASE_URL',
  },
  table: { takes: 'text', group: 'list', help: postgresSettings.table.help, on: ['init'] },
  baseUrl: {
    takes: 'text',
    group: 'calls',
    help: 'the provider’s address, or sandbox: the simulator',
    on: ['init'],
  },
  providerName: {
    takes: 'text',
    group: 'calls',
    help: 'part of the key of every record: never change it later',
    without: 'the host of its address',
    on: ['init'],
  },
} as const satisfies Readonly<Record<string, Flag>>;
