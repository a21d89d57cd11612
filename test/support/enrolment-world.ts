import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/wire/server.ts';
import type { LedgerEngine, LedgerWorld } from './ledgers.ts';

/** A provider, an empty ledger and a working folder with a job file: what a person has before the first run. */
export interface EnrolmentWorld extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly ledger: LedgerWorld;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  writeList(name: string, text: string): Promise<string>;
  /** A job file like job.yaml with one text replaced by another; it runs under the name `job`. */
  writeJob(job: string, text: string, other: string): Promise<void>;
  /** The files of a run's folder by their names. */
  readReport(runId: string, name: string): Promise<string>;
}

export interface WorldOptions {
  readonly engine: LedgerEngine;
  readonly sandbox?: SandboxOptions;
  /** YAML lines beside job, list and provider. */
  readonly job?: string;
  /** Bodies as in production; off by default, as most tests are about something else. */
  readonly encryption?: 'required' | 'off';
}

export async function createWorld(options: WorldOptions): Promise<EnrolmentWorld> {
  const ledger = await options.engine.create();
  const sandbox = await startSandbox(options.sandbox ?? {});
  const cwd = ledger.folder;
  await writeFile(join(cwd, 'job.yaml'), jobTextOf(options));
  return {
    sandbox,
    ledger,
    cwd,
    env: {
      DATABASE_URL: ledger.databaseUrl,
      KONA_BASE_URL: sandbox.baseUrl,
      KONA_ASP_ID: sandbox.credentials.aspId,
      KONA_ACCESS_KEY: sandbox.credentials.accessKey,
      KONA_SECRET_KEY: sandbox.credentials.secretKey,
      ...(options.encryption === 'required' ? await encryptionOf(sandbox) : {}),
    },
    writeList: async (name, text) => {
      await writeFile(join(cwd, name), text);
      return join(cwd, name);
    },
    writeJob: async (job, text, other) => {
      const yaml = await readFile(join(cwd, 'job.yaml'), 'utf8');
      if (!yaml.includes(text)) throw new Error(`no "${text}" in job.yaml`);
      const changed = yaml.replace('job: proof', `job: ${job}`).replace(text, other);
      await writeFile(join(cwd, `${job}.yaml`), changed);
    },
    readReport: async (runId, name) => await readFile(join(cwd, 'runs', runId, name), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await sandbox.close();
      await ledger.remove();
    },
  };
}

/** The job file; its report is in English, for tests that read it, unless `job` says something of it. */
export function jobTextOf({ encryption, job }: Pick<WorldOptions, 'encryption' | 'job'>): string {
  return [
    'job: proof',
    'list: { csv: list.csv }',
    `provider: { baseUrl: $KONA_BASE_URL, encryption: ${encryption ?? 'off'}, name: truth }`,
    ...(job?.includes('report:') === true ? [] : ['report: { language: en }']),
    job ?? 'limits: { rate: 1000/s, concurrency: 16, timeout: 5s }',
    '',
  ].join('\n');
}

async function encryptionOf(sandbox: Sandbox): Promise<Readonly<Record<string, string>>> {
  const { cryptoKeyId, serverPublicKey, clientPrivateKey } = await sandbox.encryptionKeys();
  return {
    KONA_CRYPTO_KEY_ID: cryptoKeyId,
    KONA_SERVER_PUBLIC_KEY: serverPublicKey,
    KONA_CLIENT_PRIVATE_KEY: clientPrivateKey,
  };
}

/** A list of `count` records with 19-digit user ids. */
export function listOf(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `${userIdOf(index + 1)},${parOf(index + 1)},member ${index + 1}`,
  );
  return `user_id,par,name\n${rows.join('\n')}\n`;
}

export function userIdOf(number: number): string {
  return String(9_999_999_999_999_000_000n + BigInt(number));
}

export function parOf(number: number): string {
  return `PAR${String(number).padStart(24, '0')}`;
}
