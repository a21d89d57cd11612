import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { builtInOutcomes } from '../../src/konaplate/built-in-outcomes.ts';
import { createFakeHost } from './fake-host.ts';

async function rules(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const host = createFakeHost({ columns: 200 });
  return { exitCode: await main(['rules', ...argv], host), ...host.written };
}

test('every rule in force is listed, with who must act', async () => {
  const { exitCode, stdout } = await rules();
  expect(exitCode).toBe(0);
  for (const rule of builtInOutcomes)
    expect(stdout).toContain(`${rule.code}   ${rule.documentedStatus}  ${rule.class}`);
  const listed = JSON.parse((await rules('--json')).stdout) as { code: string; whoMustAct: string }[];
  expect(listed).toHaveLength(builtInOutcomes.length);
  expect(listed.find((rule) => rule.code === '007_031')?.whoMustAct).toBe('customer');
});

test.each([
  ['400 007_017', 'already_active'],
  ['200 000_000', 'enrolled'],
  ['400 000_000', 'unknown_code'],
  ['400 999_999', 'unknown_code'],
  ['500 000_000', 'ambiguous'],
  ['429', 'transient'],
  ['401', 'stop_run'],
  ['401 007_031', 'action_required'],
  ['400', 'ambiguous'],
  ['400 000_002', 'bad_data'],
  ['401 000_002', 'stop_run'],
  ['405', 'stop_run'],
  ['405 007_017', 'already_active'],
])('an answer %s means %s, and says why', async (answer, expected) => {
  const { exitCode, stdout } = await rules('--test', answer);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${answer} → ${expected}: .+\\. Who must act: [a-z ]+\\.\n$`));
});

test('a job file lays its own rules over them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kona-rules-'));
  const job = join(folder, 'job.yaml');
  await writeFile(
    job,
    'job: j\nlist: { csv: l.csv }\nprovider: sandbox\noutcomes: { "999_999": bad_data }\n',
  );
  const { stdout } = await rules(job, '--test', '400 999_999', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ class: 'bad_data', whoMustAct: 'list_owner' });
  expect((await rules('--test', '400 999_999')).stdout).toContain('unknown_code');
  await rm(folder, { recursive: true });
});

test('beside an unknown code stands what it means on sister calls', async () => {
  for (const [code, meaning] of [
    ['001_006', 'wallet user not found'],
    ['007_001', 'bank account not found'],
    ['007_026', 'user has no auto plan'],
  ]) {
    const { stdout } = await rules('--test', `400 ${code}`);
    expect(stdout).toContain(`400 ${code} → unknown_code`);
    expect(stdout).toContain(`on sister calls: ${meaning}`);
  }
  expect((await rules('--test', '400 999_999')).stdout).not.toContain('sister');
});

test('a job file can stop the run at a code, and that is operations’', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kona-rules-'));
  const job = join(folder, 'job.yaml');
  const text = 'job: j\nlist: { csv: l.csv }\nprovider: sandbox\noutcomes: { "999_999": stop_run }\n';
  await writeFile(job, text);
  expect((await rules(job, '--test', '400 999_999')).stdout).toContain('→ stop_run: ');
  expect(JSON.parse((await rules(job, '--json')).stdout)).toContainEqual(
    expect.objectContaining({ code: '999_999', class: 'stop_run', whoMustAct: 'operations' }),
  );
  await rm(folder, { recursive: true });
});

test.each(['', 'abc', '007_017', '999 007_017', '400 7_17'])(
  '--test %j is refused with what is expected',
  async (text) => {
    const { exitCode, stdout, stderr } = await rules('--test', text);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('expected an HTTP status and a code');
  },
);
