import type { Flag } from './flag.ts';

/** Flags of the long-lived form: what it does, and where it answers. */
export const serveFlags = {
  only: {
    takes: 'text',
    group: 'server',
    help: 'do only this, with commas: schedule (start jobs on their cron lines), work (make the runs), desk (let people upload lists)',
    without: 'all of them',
    on: ['serve'],
    more: 'Another process on the same ledger then has to do the rest',
  },
  listen: {
    takes: 'text',
    group: 'server',
    help: 'address of /healthz, /metrics and the desk, such as 127.0.0.1:8080 or unix:/run/kona/desk.sock; port 0 is any free one, none is no address',
    without: '127.0.0.1:8080',
    on: ['serve'],
    more: '`/healthz` is 200 while the ledger answers, 503 where it has not for 45 s; [`/metrics`](operations/metrics.md) for Prometheus. It shows no id and no setting',
  },
} as const satisfies Readonly<Record<string, Flag>>;
