// The jobs of our users as they are shipped, and what starts them.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cron } from 'croner';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { findOutsideTool } from '../../tools/outside-tools.ts';
import { setup as createSource } from '../intake/postgres/postgres-world.ts';
import { createWorld, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramOptions } from '../support/program.ts';
import { classesOf, type RunSummary } from './program-output.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = async (name: string): Promise<string> => await readFile(join(root, 'jobs', name), 'utf8');

/** Every command line of a shipped file, as words behind `kona-enroll`. */
function commandsIn(text: string): string[][] {
  return [...text.matchAll(/kona-enroll ((?:run|retry|purge|serve)[^\n]*)/g)].map(([, words = '']) =>
    words.split(' '),
  );
}

async function assertKnown(commands: readonly string[][]): Promise<void> {
  expect(commands.length).toBeGreaterThan(0);
  for (const [name = '', ...words] of commands) {
    const help = await runProgram([name, '--help'], { cwd: root });
    for (const flag of words.filter((word) => word.startsWith('--'))) expect(help.stdout).toContain(flag);
    for (const file of words.filter((word) => word.endsWith('.yaml')))
      expect(await readFile(join(root, file), 'utf8')).toMatch(/^job: /m);
  }
}

test('the crontab: every line has a time that comes, and a command the program knows', async () => {
  const lines = (await read('crontab')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = lines.filter((line) => /^[A-Z_]+=/.test(line));
  expect(settings).toContain('CRON_TZ=Asia/Seoul');
  const entries = lines.filter((line) => !settings.includes(line));
  expect(entries).toHaveLength(5);
  for (const entry of entries) {
    const [minute, hour, day, month, weekday, ...command] = entry.split(' ');
    expect(
      new Cron([minute, hour, day, month, weekday].join(' '), { timezone: 'Asia/Seoul' }).nextRun(),
    ).not.toBeNull();
    expect(command.join(' ')).toMatch(/^cd \/srv\/kona && kona-enroll /);
  }
  await assertKnown(commandsIn(entries.join('\n')));
});

interface Unit {
  readonly [section: string]: Readonly<Record<string, readonly string[]>>;
}

function parseUnit(text: string): Unit {
  const unit: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> = {};
  for (const line of text.split('\n')) {
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = unit[heading] = {};
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) (section[name] ??= []).push(value);
    else if (heading === undefined && line !== '' && !line.startsWith('#'))
      throw new Error(`no line of a unit: ${line}`);
  }
  return unit;
}

test('the systemd service and timer', async () => {
  const { Service = {} } = parseUnit(await read('systemd/kona-enroll.service'));
  expect(Service).toMatchObject({
    Type: ['oneshot'],
    SuccessExitStatus: ['3 4'],
    Restart: ['no'],
    TimeoutStopSec: ['180'],
    NoNewPrivileges: ['yes'],
    ProtectSystem: ['strict'],
  });
  // Each secret that is handed over is one the program reads, and each one it reads is handed over.
  const handed = (Service['LoadCredential'] ?? []).map((line) => line.split(':')[0]);
  const files = (Service['Environment'] ?? []).map(
    (line) => /^(\w+)_FILE=%d\/(.*)$/.exec(line)?.slice(1) ?? [],
  );
  expect(files.map(([, file]) => file)).toEqual(handed);
  expect(files.map(([name]) => name)).toContain('KONA_SECRET_KEY');
  await assertKnown(commandsIn(Service['ExecStart']?.join('\n') ?? ''));
  const { Timer = {} } = parseUnit(await read('systemd/kona-enroll.timer'));
  expect(Timer['OnCalendar']).toEqual(['*-*-* 01:00:00 Asia/Seoul']);
});

test('the systemd service of serve: the secrets and the hardening of the other', async () => {
  const { Service = {}, Install = {} } = parseUnit(await read('systemd/kona-enroll-serve.service'));
  const { Service: nightly = {} } = parseUnit(await read('systemd/kona-enroll.service'));
  const ofItsOwn = {
    Type: ['exec'],
    SuccessExitStatus: ['143'],
    Restart: ['on-failure'],
    RestartPreventExitStatus: ['2'],
    RestartSec: ['10'],
  };
  expect(Service).toEqual({ ...nightly, ...ofItsOwn, ExecStart: Service['ExecStart'] });
  expect(Install).toEqual({ WantedBy: ['multi-user.target'] });
  await assertKnown(commandsIn(Service['ExecStart']?.join('\n') ?? ''));
});

interface CronJob {
  readonly spec: {
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: string;
    readonly jobTemplate: {
      readonly spec: {
        readonly backoffLimit: number;
        readonly podFailurePolicy: {
          readonly rules: readonly { readonly onExitCodes?: { readonly values: readonly number[] } }[];
        };
        readonly template: {
          readonly spec: {
            readonly restartPolicy: string;
            readonly terminationGracePeriodSeconds: number;
            readonly containers: readonly {
              readonly args: readonly string[];
              readonly env: readonly { readonly name: string }[];
            }[];
          };
        };
      };
    };
  };
}

test('the Kubernetes CronJob: one run at a time, no second try, time to drain', async () => {
  const { spec } = parse(await read('kubernetes/cronjob.yaml')) as CronJob;
  expect(spec).toMatchObject({ schedule: '0 1 * * *', timeZone: 'Asia/Seoul', concurrencyPolicy: 'Forbid' });
  const job = spec.jobTemplate.spec;
  expect(job.backoffLimit).toBe(0);
  expect(job.podFailurePolicy.rules.flatMap(({ onExitCodes }) => onExitCodes?.values ?? [])).toEqual([
    1, 2, 5, 6, 7, 8, 9,
  ]);
  const pod = job.template.spec;
  expect(pod).toMatchObject({ restartPolicy: 'Never', terminationGracePeriodSeconds: 180 });
  const [container] = pod.containers;
  expect(container?.env.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['DATABASE_URL_FILE', 'KONA_SECRET_KEY_FILE']),
  );
  await assertKnown([[...(container?.args ?? [])]]);
});

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env: readonly { readonly name: string }[];
          readonly ports: readonly { readonly containerPort: number }[];
          readonly livenessProbe: { readonly httpGet: object };
          readonly readinessProbe: { readonly httpGet: object };
        }[];
      };
    };
  };
}

test('the Kubernetes Deployment: serve, with the CronJob’s pod, asked for its health', async () => {
  const { spec } = parse(await read('kubernetes/deployment.yaml')) as Deployment;
  const nightly = (parse(await read('kubernetes/cronjob.yaml')) as CronJob).spec.jobTemplate.spec.template
    .spec;
  const [container] = spec.template.spec.containers;
  const { args, ports, livenessProbe, readinessProbe, ...rest } = container ?? {};
  const { args: _, ...others } = nightly.containers[0] ?? {};
  const { restartPolicy: _restart, containers: _containers, ...pod } = nightly;
  expect(rest).toEqual(others);
  expect(spec.template.spec).toMatchObject(pod);
  expect(spec.replicas).toBe(2);
  const health = { path: '/healthz', port: 'health' };
  expect([livenessProbe?.httpGet, readinessProbe?.httpGet]).toEqual([health, health]);
  expect(args?.at(-1)).toBe(`0.0.0.0:${ports?.[0]?.containerPort}`);
  await assertKnown([[...(args ?? [])]]);
});

test('the Dockerfile: stages, nobody’s root, an init, the program as the entry', async () => {
  const text = (await read('Dockerfile')).replace(/\\\n/g, ' ');
  const steps = text.split('\n').flatMap((line) => /^([A-Z]+) (.*)$/.exec(line)?.slice(1, 3) ?? []);
  const valuesOf = (name: string): string[] =>
    steps.filter((_, at) => steps[at - 1] === name && at % 2 === 1);
  expect(valuesOf('FROM')).toEqual(['node:24-slim AS build', 'node:24-slim']);
  expect(valuesOf('USER')).toEqual(['kona']);
  expect(JSON.parse(valuesOf('ENTRYPOINT')[0] ?? '')).toEqual(['/usr/bin/tini', '--', 'kona-enroll']);
  const check = /CMD (\[.*\])$/.exec(valuesOf('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]';
  expect(JSON.parse(check)).toEqual(['node', '-e', expect.stringContaining('127.0.0.1:8080/healthz')]);
});

/**
 * Three seconds before stopAt, half past five in Seoul, until the first answer of that night, and on from there: however
 * long a start takes, there is time for calls, and for 61 of them at most.
 */
function createNightClock(day: number): Required<Pick<ProgramOptions, 'now' | 'reached'>> {
  const begin = Date.UTC(2027, 0, day, 20, 29, 57);
  let firstAnswerAt: number | null = null;
  return {
    now: () => new Date(begin + (firstAnswerAt === null ? 0 : performance.now() - firstAnswerAt)),
    reached: (point) => {
      if (point === 'answered') firstAnswerAt ??= performance.now();
    },
  };
}

describe('the nightly migration (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('over three nights that stopAt ends: never-called members first, nobody twice', async () => {
    const rows = (from: number, to: number): string =>
      `insert into legacy_members select '${userIdOf(1)}'::numeric - 1 + n, 'PAR' || lpad(n::text, 24, '0') from generate_series(${from}, ${to}) n`;
    await using source = await createSource(
      `create table legacy_members (user_id numeric(19), par text); ${rows(1, 150)}`,
    );
    let clock = createNightClock(1);
    await using world = await createWorld({
      engine: serverEngine,
      encryption: 'required',
      sandbox: { now: () => clock.now() },
    });
    await mkdir(join(world.cwd, 'jobs'));
    await cp(
      join(root, 'jobs/nightly-legacy-migration.yaml'),
      join(world.cwd, 'jobs/nightly-legacy-migration.yaml'),
    );
    const file = join(world.cwd, 'source-url');
    await writeFile(file, source.url);
    const night = async (day: number): Promise<RunSummary> => {
      clock = createNightClock(day);
      const end = await runProgram(['run', 'jobs/nightly-legacy-migration.yaml', '--json', '--yes'], {
        cwd: world.cwd,
        env: { ...world.env, SOURCE_DATABASE_URL_FILE: file },
        ...clock,
      });
      return JSON.parse(end.stdout) as RunSummary;
    };
    const nights = [await night(1)];
    expect(nights[0]).toMatchObject({ exitCode: 6, exitCause: 'stop_at', state: 'stopped' });
    // Another list the next night: new members stand at its end, and before those who were called.
    await source.admin.query(rows(151, 160));
    for (let day = 2; nights.at(-1)?.exitCode === 6 && day < 12; day += 1) nights.push(await night(day));
    expect(nights.length).toBeGreaterThanOrEqual(3);
    expect(nights.at(-1)).toMatchObject({ exitCode: 0, exitCause: 'done' });
    const called = world.sandbox.calls().map(({ userId }) => userId);
    expect(new Set(called).size).toBe(160);
    expect(called).toHaveLength(160);
    const ledger = await openLedger(world.ledger.address);
    const [counts] = await ledger.query(
      'select count(*)::integer as records, count(distinct status)::integer as states from enrollment',
    );
    await ledger.close();
    expect(counts).toEqual({ records: 160, states: 1 });
  });
});

test('the upload job: what people put into its inbox, corrected failures too', async () => {
  // Noon in Seoul: the job calls nobody around midnight, whenever this test runs.
  const began = performance.now();
  const now = (): Date => new Date(Date.UTC(2027, 0, 4, 3) + performance.now() - began);
  await using world = await createWorld({ engine: embeddedEngine, encryption: 'required', sandbox: { now } });
  const folder = join(world.cwd, 'jobs');
  await mkdir(folder);
  await cp(join(root, 'jobs/ops-csv-upload.yaml'), join(folder, 'ops-csv-upload.yaml'));
  await mkdir(join(world.cwd, 'inbox'));
  await writeFile(join(world.cwd, 'inbox', 'june.csv'), `user_id,par\n${userIdOf(1)},${parOf(1)}\n`);
  const end = await runProgram(['run', 'jobs/ops-csv-upload.yaml', '--json'], { ...world, now });
  const summary = JSON.parse(end.stdout) as RunSummary;
  expect(classesOf(summary)).toEqual({ enrolled: 1 });
  expect(await readFile(join(world.cwd, 'inbox/done', summary.runId, 'june.csv'), 'utf8')).toContain(
    parOf(1),
  );
});

const analyze = findOutsideTool('systemd');
test.skipIf(analyze === undefined)('the units are what systemd takes (systemd)', () => {
  const units = ['kona-enroll.service', 'kona-enroll.timer', 'kona-enroll-serve.service'].map((name) =>
    join(root, 'jobs/systemd', name),
  );
  const said = spawnSync(analyze ?? '', ['verify', ...units], { encoding: 'utf8' });
  expect(said).toMatchObject({ status: 0, stderr: '' });
});
