import type { Flag } from './flag.ts';

/** Flags of the long-lived form: what it does, and where it answers. */
export const serveFlags = {
  only: {
    takes: 'text',
    group: 'server',
    help: 'do only this, with commas: schedule (start jobs on their cron lines), work (make the runs)',
    without: 'both',
    on: ['serve'],
    more: 'Another process on the same ledger then has to do the rest',
  },
} as const satisfies Readonly<Record<string, Flag>>;
