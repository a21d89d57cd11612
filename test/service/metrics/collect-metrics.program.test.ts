import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { exitCauses } from '../../../src/domain/exit-cause.ts';
import { writeJobEnd } from '../../../src/ledger/job-end-table.ts';
import type { Ledger, Parameter, Queryable } from '../../../src/ledger/ledger-port.ts';
import { addPause } from '../../../src/ledger/pause-table.ts';
import { collectMetrics } from '../../../src/service/metrics/collect-metrics.ts';
import type { StartFigures } from '../../../src/service/metrics/start-figures.ts';
import { findOutsideTool } from '../../../tools/outside-tools.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';
import { declaredNames, parseExposition } from './exposition.ts';

const NOW = new Date('2026-11-23T16:30:00.000Z');
const DAY_MS = 86_400_000;
const options = { now: NOW, version: '1.2.3' };

const figures: StartFigures = {
  rows: { enrolled: 90, bad_data: 10 },
  calls: { register: 104, plans: 2 },
  latencySeconds: { p50: 0.02, p90: 0.1, p99: 0.4 },
  allowedPerSecond: 20,
  usedPerSecond: 19.5,
  nightsUsedUp: 3,
  oldestOpenAt: '2026-11-20T16:00:00.000Z',
};

async function plant(ledger: Ledger): Promise<void> {
  const before = new Date(NOW.getTime() - DAY_MS);
  const end = { exitCode: 3, exitCause: 'not_enrolled', isSuccess: true, figures } as const;
  await writeJobEnd(ledger, 'nightly', { ...end, at: before });
  // Tonight the database of the list was away: no run, and the figures of last night stand.
  const failed = { exitCode: 8, exitCause: 'source_gone', isSuccess: false, figures: null } as const;
  await writeJobEnd(ledger, 'nightly', { ...failed, at: NOW });
  await writeJobEnd(ledger, 'given-up', { ...end, at: new Date(NOW.getTime() - 36 * DAY_MS) });
  await ledger.query(
    `insert into break (provider, kind, job, user_id, par, first_seen_at, first_night, last_seen_at, state, closed_at, closed_night)
     select 'truth', 'not_enrolled', 'nightly', (9000000000 + n)::text, 'PAR' || lpad(n::text, 24, '0'), $1::timestamptz - (n || ' days')::interval,
            $2::date - n, $1::timestamptz, case when n <= 4 then 'open' else 'closed' end,
            case when n > 4 then $1::timestamptz end, case when n > 4 then $2::date end
     from generate_series(1, 2000) as n`,
    [NOW.toISOString(), '2026-11-23'],
  );
  await ledger.query(
    `insert into cron_start (job, due_at, closes_at, decision, decided_at, begun_at, ended_at)
     select job, $1::timestamptz - ago::interval, $1::timestamptz + interval '9 hours', decision, $1::timestamptz,
            case when decision = 'requested' and ago <> '1 hour' then $1::timestamptz end,
            case when ago = '1 day' and decision = 'requested' then $1::timestamptz end
     from (values ('nightly', '3 days', 'missed'), ('nightly', '2 days', 'missed'), ('nightly', '1 day', 'requested'),
                  ('nightly', '1 hour', 'requested'), ('hourly', '2 hours', 'requested'), ('hourly', '30 minutes', 'skipped'))
       as planted (job, ago, decision)`,
    [NOW.toISOString()],
  );
  await addPause(ledger, { provider: 'truth', lengthMs: 3_600_000, by: 'jane@host', note: 'private words' });
}

describe.each(ledgerEngines)('the metrics of a ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('tell each job’s last start, open breaks and pauses, as the ledger has them', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await plant(ledger);
    const text = await (await collectMetrics(ledger, options)).metrics();
    const series = parseExposition(text);
    const of = (name: string, labels: string): number | undefined =>
      series.get(`kona_enroll_${name}{${labels}}`);
    const nightly = 'job_name="nightly"';
    expect(of('build_info', 'version="1.2.3"')).toBe(1);
    expect(series.get('kona_enroll_ledger_up')).toBe(1);
    expect(of('last_start_end_timestamp_seconds', nightly)).toBe(NOW.getTime() / 1_000);
    expect(of('last_success_timestamp_seconds', nightly)).toBe((NOW.getTime() - DAY_MS) / 1_000);
    const causes = exitCauses.map((cause) => of('last_start_exit_cause', `${nightly},cause="${cause}"`));
    expect(causes.filter((value) => value === 1)).toHaveLength(1);
    expect(causes.filter((value) => value === 0)).toHaveLength(exitCauses.length - 1);
    expect(of('last_start_exit_cause', `${nightly},cause="source_gone"`)).toBe(1);
    expect(of('last_start_rows', `${nightly},class="bad_data"`)).toBe(10);
    expect(of('last_start_rows', `${nightly},class="conflict"`)).toBe(0);
    expect(of('last_start_calls', `${nightly},call="register"`)).toBe(104);
    expect(of('last_start_call_latency_seconds', `${nightly},percentile="99"`)).toBe(0.4);
    expect(of('last_start_allowed_calls_per_second', nightly)).toBe(20);
    expect(of('last_start_used_calls_per_second', nightly)).toBe(19.5);
    expect(of('last_start_nights_used_up_rows', nightly)).toBe(3);
    expect(of('oldest_open_record_timestamp_seconds', nightly)).toBe(
      Date.parse(figures.oldestOpenAt ?? '') / 1_000,
    );
    // Found 1, 2, 3 and 4 nights ago; the other 1,996 are closed.
    expect(of('open_breaks', 'kind="not_enrolled",age="1-2"')).toBe(2);
    expect(of('open_breaks', 'kind="not_enrolled",age="3-7"')).toBe(2);
    expect(of('open_breaks', 'kind="not_enrolled",age="31+"')).toBe(0);
    expect(of('oldest_open_break_timestamp_seconds', 'kind="not_enrolled"')).toBe(
      (NOW.getTime() - 4 * DAY_MS) / 1_000,
    );
    expect(of('provider_pause_end_timestamp_seconds', 'provider="truth"')).toBeGreaterThan(0);
    // Of its starts one waits for a worker; the other job's runs.
    expect(of('waiting_start_timestamp_seconds', nightly)).toBe(NOW.getTime() / 1_000 - 3_600);
    expect(of('waiting_start_timestamp_seconds', 'job_name="hourly"')).toBeUndefined();
    expect(of('last_missed_start_timestamp_seconds', nightly)).toBe((NOW.getTime() - 2 * DAY_MS) / 1_000);
    expect(of('last_missed_start_timestamp_seconds', 'job_name="hourly"')).toBeUndefined();
    // A job nobody starts any more is told no longer, and what persons wrote never.
    expect(text).not.toContain('given-up');
    expect(text).not.toContain('private words');
  });

  it('are as many however many jobs there were, and read no row of a list', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await plant(ledger);
    for (let number = 0; number < 60; number += 1) {
      const end = { exitCode: 0, exitCause: 'done', isSuccess: true, figures } as const;
      await writeJobEnd(ledger, `upload-${number}`, { ...end, at: NOW });
    }
    await ledger.query('analyze break');
    const statements: string[] = [];
    const noted: Queryable = {
      query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) => {
        statements.push(JSON.stringify(await ledger.query(`explain ${sql}`, parameters)));
        return await ledger.query<Row>(sql, parameters);
      },
    };
    const text = await (await collectMetrics(noted, options)).metrics();
    expect(new Set(text.match(/job_name="[^"]+"/g)).size).toBe(50);
    expect(statements.length).toBeGreaterThan(2);
    const plans = statements.join('\n');
    expect(plans).not.toMatch(/\bon (?:list_row|enrollment|attempt|run)\b/);
    // By the index of the open ones, though nearly all breaks are closed.
    expect(plans).toContain('break_open');
    expect(plans).not.toContain('Seq Scan on break');
  });
});

const promtool = findOutsideTool('promtool');

test.skipIf(promtool === undefined)('keep to Prometheus’ conventions (promtool)', async () => {
  const [engine] = ledgerEngines;
  if (engine === undefined || promtool === undefined) throw new Error('no engine or no promtool');
  await using opened = await openTestLedger(engine);
  await plant(opened.ledger);
  const text = await (await collectMetrics(opened.ledger, options)).metrics();
  expect(declaredNames(text).length).toBeGreaterThan(10);
  expect(execFileSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
});
