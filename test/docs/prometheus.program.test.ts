import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { exitCauses, meaningOf, type Urgency } from '../../src/domain/exit-cause.ts';
import { collectMetrics } from '../../src/service/metrics/collect-metrics.ts';
import { findOutsideTool } from '../../tools/outside-tools.ts';
import { declaredNames } from '../service/metrics/exposition.ts';

const folder = new URL('../../docs/operations/', import.meta.url);
const rulesFile = new URL('prometheus-rules.yaml', folder);

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['wake', 'today']) }),
          annotations: z.object({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
});

const dashboardSchema = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string() })).min(1),
    }),
  ),
});

const rules = rulesSchema
  .parse(parse(readFileSync(rulesFile, 'utf8')))
  .groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(
  JSON.parse(readFileSync(new URL('grafana-dashboard.json', folder), 'utf8')),
);

const NAMES = /\bkona_enroll_[a-z_]+/g;

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(NAMES));
}

/** What the program tells, of a ledger that is empty. */
async function toldNames(): Promise<ReadonlySet<string>> {
  const empty = { query: async () => await Promise.resolve([]) };
  const registry = await collectMetrics(empty, { now: new Date(), version: '1.0.0' });
  return new Set(declaredNames(await registry.metrics()));
}

function causesOf(alert: string): readonly string[] {
  const expr = rules.find((rule) => rule.alert === alert)?.expr ?? '';
  return /cause=~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? [];
}

function causesBy(urgency: Urgency): readonly string[] {
  return exitCauses.filter((cause) => meaningOf(cause).urgency === urgency);
}

test('the page, the rules and the dashboard name the metrics that there are, and no other', async () => {
  const told = await toldNames();
  expect(told.size).toBeGreaterThan(10);
  const page = readFileSync(new URL('metrics.md', folder), 'utf8');
  expect(namesIn(page)).toEqual(told);
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const queries = dashboard.templating.list.map(({ query }) => query);
  expect(namesIn([...expressions, ...queries].join('\n'))).toEqual(told);
  const alerted = namesIn(rules.map(({ expr }) => expr).join('\n'));
  expect([...alerted].filter((name) => !told.has(name))).toEqual([]);
  // What nobody is alerted by says how much, and not that something is wrong.
  expect([...told].filter((name) => !alerted.has(name)).toSorted()).toEqual([
    'kona_enroll_build_info',
    'kona_enroll_last_start_allowed_calls_per_second',
    'kona_enroll_last_start_calls',
    'kona_enroll_last_start_used_calls_per_second',
  ]);
});

test('the rules wake somebody, or wait for the working day, by the table of exit causes', () => {
  expect(causesOf('KonaEnrollWake')).toEqual(causesBy('wake'));
  expect(causesOf('KonaEnrollMustBeLookedAt')).toEqual(causesBy('today'));
  const severity = new Map(rules.map(({ alert, labels }) => [alert, labels.severity]));
  expect([severity.get('KonaEnrollWake'), severity.get('KonaEnrollMustBeLookedAt')]).toEqual([
    'wake',
    'today',
  ]);
  expect(severity.size).toBe(rules.length);
});

test('no two panels of the dashboard lie over each other', () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

const promtool = findOutsideTool('promtool');

test.skipIf(promtool === undefined)(
  'Prometheus takes the rules and each query of the dashboard (promtool)',
  () => {
    if (promtool === undefined) throw new Error('no promtool');
    const check = (file: string): string =>
      execFileSync(promtool, ['check', 'rules', file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    expect(check(fileURLToPath(rulesFile))).toContain(`${rules.length} rules found`);
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const asRules = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
    const scratch = mkdtempSync(join(tmpdir(), 'kona-rules-'));
    try {
      const file = join(scratch, 'queries.yaml');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules: asRules }] }));
      expect(check(file)).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  },
);
