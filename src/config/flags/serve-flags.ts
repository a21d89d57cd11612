import type { Flag } from './flag.ts';

/** Flags of `serve`: what it does, and where it answers. */
export const serveFlags = {
  only: {
    takes: 'text',
    group: 'server',
    help: 'do only these, separated by commas: schedule (start jobs on their cron lines), work (make the runs), desk (let people upload lists)',
    without: 'all of them',
    on: ['serve'],
    more: 'Another process on the same ledger must then do the rest',
  },
  listen: {
    takes: 'text',
    group: 'server',
    help: 'address of /healthz, /metrics and the desk, such as 127.0.0.1:8080 or unix:/run/kona/desk.sock; port 0 takes any free port; none: no address',
    without: '127.0.0.1:8080',
    on: ['serve'],
    more: '`/healthz` answers 200 while the ledger answers, and 503 after 45 s without an answer; [`/metrics`](operations/metrics.md) for Prometheus. It shows no id and no setting',
  },
} as const satisfies Readonly<Record<string, Flag>>;
