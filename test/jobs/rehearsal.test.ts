import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import type { RunPoint } from '../../src/domain/run-signals.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/wire/server.ts';
import { createWorkplace } from '../config/workplace.ts';
import { listOf, parOf } from '../support/enrolment-world.ts';
import { runProgram, type ProgramEnd, type ProgramOptions } from '../support/program.ts';

const DAY_MS = 86_400_000;

/** Card 7 needs the customer. */
const customerNeeded = parseFixtures(`cards:\n  - { par: ${parOf(7)}, answer: "007_031" }\n`);

/** An empty folder and a provider, both by one clock that a night moves on; nothing else is set up. */
async function setup() {
  const { cwd } = await createWorkplace();
  const { cwd: providerFolder } = await createWorkplace();
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  const statePath = join(providerFolder, 'state.ndjson');
  let provider = await startSandbox({ statePath, now, fixtures: customerNeeded });
  const port = Number(new URL(provider.baseUrl).port);
  onTestFinished(async () => {
    await provider.close();
  });
  return {
    cwd,
    provider: (): Sandbox => provider,
    /** The provider is gone. */
    fall: (): void => {
      void provider.close();
    },
    /** It is there again, at its address, and knows what it knew. */
    stand: async (fixtures = customerNeeded): Promise<void> => {
      await provider.close();
      provider = await startSandbox({ statePath, now, fixtures, port });
    },
    passes: (ms: number): void => {
      aheadMs += ms;
    },
    type: async (line: string, options: Partial<ProgramOptions> = {}): Promise<ProgramEnd> =>
      await runProgram(line.split(' '), { cwd, now, ...options }),
  };
}

/** As a person does: each value behind the name that waits for it. */
async function fillKeys(dotEnv: string, provider: Sandbox): Promise<void> {
  const { cryptoKeyId, serverPublicKey, clientPrivateKey } = await provider.encryptionKeys();
  const { credentials } = provider;
  const values: Readonly<Record<string, string>> = {
    KONA_ASP_ID: credentials.aspId,
    KONA_ACCESS_KEY: credentials.accessKey,
    KONA_SECRET_KEY: credentials.secretKey,
    KONA_CRYPTO_KEY_ID: cryptoKeyId,
    KONA_SERVER_PUBLIC_KEY: serverPublicKey,
    KONA_CLIENT_PRIVATE_KEY: clientPrivateKey,
  };
  const text = await readFile(dotEnv, 'utf8');
  await writeFile(
    dotEnv,
    text.replaceAll(/^(\w+)=$/gm, (_line, name: string) => `${name}='${values[name] ?? ''}'`),
  );
}

function expectEnd(end: ProgramEnd, exitCode: number, told: RegExp): void {
  expect([end.exitCode, end.stdout + end.stderr]).toEqual([exitCode, expect.stringMatching(told)]);
}

test('from an empty folder through three nights: a refused list, a kill, an outage, retries, a report', async () => {
  const night = await setup();
  const { cwd, type } = night;
  const list = join(cwd, 'lists', 'members.csv');

  // The day before: set up, and looked at.
  const provider = `--base-url ${night.provider().baseUrl} --provider-name kp-test --rate 500/s --lang en`;
  await mkdir(join(cwd, 'lists'));
  await writeFile(list, listOf(60));
  expectEnd(await type(`init nightly.yaml --csv lists/*.csv ${provider}`), 0, /^Next: kona-enroll doctor/m);
  expectEnd(await type(`init desk.yaml --inbox inbox ${provider}`), 0, /\.env +existed, and stays/);
  expectEnd(await type('doctor nightly.yaml'), 2, /fail +keys +not set: KONA_ASP_ID/);
  await fillKeys(join(cwd, '.env'), night.provider());
  const nightly = join(cwd, 'nightly.yaml');
  // The test does not wait as long as a night may.
  await writeFile(nightly, `${await readFile(nightly, 'utf8')}\nretry: { backoff: 10ms..50ms }\n`);
  expectEnd(await type('doctor nightly.yaml --call'), 0, /address, keys and\s+clock are right/);
  expectEnd(await type('doctor desk.yaml'), 0, /Nothing prevents a run/);
  expectEnd(await type('plan nightly.yaml'), 0, /60 to call at kp-test: 60 never called yet/);

  // The first night: killed in the middle, and started once more.
  const kill = { name: 'answered', count: 10, action: 'SIGKILL' } as const;
  const killed = await type('run nightly.yaml --quiet', { point: kill });
  expect(killed.signal).toBe('SIGKILL');
  expectEnd(await type('status'), 0, /its process has died/);
  const first = await type('run nightly.yaml --quiet');
  expectEnd(first, 3, /^kona-enroll: exit 3 \(not_enrolled\): .*60 rows: 59 enrolled/);
  await writeFile(join(cwd, 'inbox', 'more.csv'), listOf(63).replace(/(?<=name\n)(?:.*\n){60}/, ''));
  await writeFile(join(cwd, 'inbox', 'bad.csv'), `user_id,par\n9.99999E+18,${parOf(90)}\n`);
  night.passes(60_000);
  expectEnd(await type('run desk.yaml --quiet'), 5, /bad\.csv lies in \S+ now, with the reason beside it/);
  const lain = (await readdir(join(cwd, 'inbox'), { recursive: true })).map((name) =>
    name.replace(/\/\d{8}T\d{6}Z[^/]*/, '/…'),
  );
  expect(lain.toSorted()).toEqual(
    ['done', 'done/…', ...['failed.xlsx', 'more.csv', 'report.html'].map((name) => `done/…/${name}`)].concat([
      'refused',
      'refused/…',
      'refused/…/bad.csv',
      'refused/…/bad.csv.reason.txt',
    ]),
  );

  // The second night: the provider goes away, and is back before the second cron line.
  night.passes(DAY_MS);
  await writeFile(list, listOf(85));
  let answers = 0;
  const reached = (point: RunPoint): void => {
    if (point === 'answered' && (answers += 1) === 5) night.fall();
  };
  expectEnd(await type('run nightly.yaml --quiet', { reached }), 7, /exit 7 \(provider_silent\)/);
  expectEnd(await type('status'), 0, /stopped, exit 7 provider_silent/);
  await night.stand();
  expectEnd(
    await type('run nightly.yaml --quiet'),
    3,
    /Of 85 rows: 22 enrolled, 62 enrolled before, 1 needs somebody/,
  );
  // Called once tonight already.
  expectEnd(await type('retry --job nightly --quiet'), 3, /1 row/);

  // The third night: the customer has done what was needed.
  night.passes(DAY_MS);
  await night.stand(parseFixtures(''));
  expectEnd(await type('retry --job nightly --quiet'), 0, /^$/);
  expectEnd(await type('run nightly.yaml'), 0, /85 enrolled before/);
  expectEnd(await type('report --verify'), 0, /Right: it agrees with its manifest and the ledger/);
  expectEnd(await type('doctor nightly.yaml'), 0, /Nothing prevents a run/);

  // Each member once, whatever happened on the way, and a finished folder for each run.
  const enrolled = night.provider().truth();
  expect(enrolled).toHaveLength(85);
  const runs = (await readdir(join(cwd, 'runs'))).filter((name) => name !== 'logs');
  const jobs = runs.map((name) => name.replace(/^\d{8}T\d{6}Z-|-[0-9a-f]{4}$/g, ''));
  expect(jobs.toSorted()).toEqual([
    'desk',
    'nightly',
    'nightly',
    'nightly',
    'retry-nightly',
    'retry-nightly',
  ]);
  for (const name of runs) expect(await readdir(join(cwd, 'runs', name))).toContain('manifest.json');
});
