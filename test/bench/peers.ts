import { execFile } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { writeCsv } from './bench-lists.ts';
import { buildProgram, installedOn, programFlags } from './bench-program.ts';
import { TIME_PROGRAM, type PeerCommand } from './peer-process.ts';
import { presign } from './presigned.ts';
import { CONNECTIONS, writeUnlimitedJob } from './whole-run.ts';

export interface PeerWorld {
  /** Of its own; not there yet. */
  readonly folder: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly records: number;
}

export interface Peer {
  readonly name: string;
  /** Of the records that ours gets: a slow one would take hours. */
  readonly share: number;
  readonly hasOwnTable: boolean;
  /** Null: it is there; else what to do for it. */
  missing(): Promise<string | null>;
  prepare(world: PeerWorld): Promise<PeerCommand>;
  /** Answers it has after the kill, and where it can be started again after that; Infinity: all. */
  kept(world: PeerWorld): Promise<number>;
}

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const NEWMAN = place('peers/newman/node_modules/.bin/newman');
const run = promisify(execFile);

const ours: Peer = {
  name: 'kona-enroll',
  share: 1,
  hasOwnTable: false,
  missing: async () => await missingProgram(TIME_PROGRAM, ['--version'], 'install GNU time'),
  prepare: async ({ folder, env, databaseUrl, records }) => {
    await mkdir(folder);
    const job = await writeUnlimitedJob({ folder, env }, records);
    const argv = [...programFlags, buildProgram(), 'run', job, '--json', '--quiet'];
    return {
      cwd: folder,
      program: process.execPath,
      argv,
      env: installedOn(databaseUrl, env),
    };
  },
  // The same command goes on: what was in flight is called again, and known then.
  kept: async ({ folder, env, databaseUrl, records }) => {
    const argv = [...programFlags, buildProgram(), 'run', `${records}.yaml`, '--json', '--quiet'];
    const child = await run(process.execPath, argv, {
      cwd: folder,
      env: installedOn(databaseUrl, env),
    });
    const { classes } = JSON.parse(child.stdout) as { readonly classes: Readonly<Record<string, number>> };
    const known = (classes['enrolled'] ?? 0) + (classes['recovered'] ?? 0);
    return known === records ? Infinity : known;
  },
};

const plainScript: Peer = {
  name: 'plain script',
  share: 1,
  hasOwnTable: true,
  missing: async () => await Promise.resolve(null),
  prepare: async ({ folder, env, databaseUrl, records }) => {
    await mkdir(folder);
    const list = await writeCsv(join(folder, 'list.csv'), records, 'utf-8');
    const argv = [place('peers/plain-script/main.ts'), list];
    return { cwd: folder, program: process.execPath, argv, env: { ...env, DATABASE_URL: databaseUrl } };
  },
  kept: async ({ databaseUrl }) => await countRows(databaseUrl, 'peer_result'),
};

const parallelCurl: Peer = {
  name: 'parallel + curl',
  share: 0.05,
  hasOwnTable: false,
  missing: async () => await missingProgram('parallel', ['--version'], 'install GNU parallel'),
  prepare: async ({ folder, env, records }) => {
    await mkdir(folder);
    const calls = callsOf(records, env);
    const lines = calls.map(({ url, headers, body }) => [url, ...headers, body].join('\t'));
    await writeFile(join(folder, 'calls.tsv'), `${lines.join('\n')}\n`);
    const headers = calls[0]?.headers.flatMap((_, index) => ['-H', `{${index + 2}}`]) ?? [];
    const curl = ['curl', '-s', '-o', '/dev/null', ...headers, '-d', `{${headers.length / 2 + 2}}`, '{1}'];
    const argv = ['-j16', '--joblog', 'jobs.log', '--colsep', '\t', '-a', 'calls.tsv', ...curl];
    return { cwd: folder, program: 'parallel', argv, env: {} };
  },
  kept: async ({ folder }) => (await linesOf(join(folder, 'jobs.log'))) - 1,
};

const newman: Peer = {
  name: 'newman',
  share: 0.025,
  hasOwnTable: false,
  missing: async () =>
    await access(NEWMAN).then(
      () => null,
      () => 'npm install --prefix test/bench/peers/newman',
    ),
  prepare: async ({ folder, env, records }) => {
    await mkdir(folder);
    const item = callsOf(records, env).map(({ url, headers, body }, index) => ({
      name: String(index),
      request: {
        method: 'POST',
        url,
        header: headers.map((line) => {
          const [key = '', value = ''] = line.split(/: (.*)/s);
          return { key, value };
        }),
        body: { mode: 'raw', raw: body },
      },
    }));
    const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
    await writeFile(join(folder, 'calls.json'), JSON.stringify({ info: { name: 'calls', schema }, item }));
    const argv = [NEWMAN, 'run', 'calls.json', '-r', 'json', '--reporter-json-export', 'report.json'];
    return { cwd: folder, program: process.execPath, argv, env: {} };
  },
  kept: async ({ folder }) => ((await linesOf(join(folder, 'report.json'))) > 0 ? Infinity : 0),
};

/** Keeps nothing: it is here for what curl alone can send. */
const curlAlone: Peer = {
  name: 'curl -Z, keeps nothing',
  share: 1,
  hasOwnTable: false,
  missing: async () => await missingProgram('curl', ['--version'], 'install curl'),
  prepare: async ({ folder, env, records }) => {
    await mkdir(folder);
    const blocks = callsOf(records, env).map(({ url, headers, body }) =>
      [
        `url = "${url}"`,
        'output = "/dev/null"',
        'silent',
        ...headers.map((line) => `header = "${line}"`),
        `data = "${body.replaceAll('"', '\\"')}"`,
      ].join('\n'),
    );
    await writeFile(join(folder, 'calls.conf'), `${blocks.join('\nnext\n')}\n`);
    const argv = ['-Z', '--parallel-max', String(CONNECTIONS), '-K', 'calls.conf'];
    return { cwd: folder, program: 'curl', argv, env: {} };
  },
  kept: async () => await Promise.resolve(0),
};

/** Ours first. */
export const peers: readonly Peer[] = [ours, plainScript, curlAlone, parallelCurl, newman];

function callsOf(records: number, env: PeerWorld['env']) {
  return Array.from({ length: records }, (_, index) => presign(index + 1, env));
}

async function missingProgram(
  program: string,
  argv: readonly string[],
  cure: string,
): Promise<string | null> {
  return await run(program, argv).then(
    () => null,
    () => cure,
  );
}

async function countRows(databaseUrl: string, of: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(`select count(*)::integer as count from ${of}`);
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

async function linesOf(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}
