import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEnvironment } from '../../src/config/environment.ts';
import { isJobFileName, readJobFile } from '../../src/config/job-file/job-file.ts';
import { createWorkplace } from './workplace.ts';

async function setup(env: Record<string, string> = {}) {
  const { cwd, write } = await createWorkplace();
  const environment = await openEnvironment(env, cwd);
  if (environment.kind === 'refused') throw new Error('the environment of a test must be right');
  const read = async (content?: string | Uint8Array) => {
    if (content !== undefined) await write('job.yaml', content);
    return readJobFile('job.yaml', environment.value);
  };
  const problems = async (content?: string | Uint8Array) => {
    const result = await read(content);
    return result.kind === 'refused' ? result.problems : [];
  };
  return { cwd, read, problems };
}

/** A job file that is right but for the line put in. */
function jobWith(line: string): string {
  return `job: j\nlist: { csv: a.csv }\nprovider: sandbox\n${line}\n`;
}

describe('the file', () => {
  test('that is not there', async () => {
    const { problems } = await setup();
    expect(await problems()).toEqual(['no such file: job.yaml']);
  });

  test('that is a folder', async () => {
    const { cwd, problems } = await setup();
    await mkdir(path.join(cwd, 'job.yaml'));
    expect(await problems()).toEqual(['job.yaml is a folder, not a job file']);
  });

  test.each([
    ['empty', '', 'job.yaml: the job file is empty'],
    ['only a comment', '# nothing\n', 'job.yaml: the job file is empty'],
    ['a text', 'hello', 'job.yaml:1:1: expected keys and values'],
    ['a list', '- a\n', 'job.yaml:1:1: expected keys and values'],
    ['no UTF-8', new Uint8Array([0x61, 0x3a, 0x20, 0xff]), 'job.yaml: not UTF-8 text'],
    ['beyond 1 MiB', `# ${'x'.repeat(1024 * 1024)}`, 'job.yaml: larger than a job file may be (1 MiB)'],
  ])('that is %s', async (_, content, problem) => {
    const { problems } = await setup();
    expect(await problems(content)).toEqual([problem]);
  });

  test('with a byte order mark and CRLF is read', async () => {
    const { read } = await setup();
    expect(await read(`\uFEFF${jobWith('').replaceAll('\n', '\r\n')}`)).toMatchObject({ kind: 'valid' });
  });

  test('counts as a job file by its ending', () => {
    expect(['a.yaml', 'a.YML', 'b/a.yml'].every(isJobFileName)).toBe(true);
    expect(['a.csv', 'yaml', 'a.yaml.csv', 'a.json'].some(isJobFileName)).toBe(false);
  });
});

describe('YAML', () => {
  test.each([
    ['a duplicate key', 'job: j\njob: k\n', 'job.yaml:2:1: Map keys must be unique'],
    ['an open bracket', 'job: [1\nlist: 2\n', /^job\.yaml:2:1: Flow sequence/],
    ['a second document', 'job: j\n---\njob: k\n', /^job\.yaml:2:1: Source contains multiple documents/],
    ['an unknown tag', 'job: !secret j\n', /^job\.yaml:1:6: Unresolved tag/],
    ['an anchor that is nowhere', 'job: *j\n', /^job\.yaml:1:6: there is no anchor j before it/],
    [
      'a pattern without quotes',
      'job: j\nlist: { csv: *.csv }\n',
      /^job\.yaml:2:14: .* write it in quotes, "\*\.csv"/,
    ],
  ])('with %s is refused with its place', async (_, content, problem) => {
    const { problems } = await setup();
    expect((await problems(content))[0]).toMatch(problem);
  });

  test('an id in a fault of the text is masked', async () => {
    const { problems } = await setup();
    const [problem] = await problems('job: *1234567890123456789\n');
    expect(problem).toContain('12*************6789');
  });

  test('anchors and merge keys are read', async () => {
    const { read } = await setup();
    const result = await read(
      'job: &name nightly\nlist: { csv: *name }\nprovider: sandbox\nretry: { <<: &r { attempts: 7 }, nights: 2 }\n',
    );
    expect(result).toMatchObject({
      kind: 'valid',
      value: { list: { csv: 'nightly' }, retry: { attempts: 7, nights: 2 } },
    });
  });

  test('anchors that multiply are refused', async () => {
    const { problems } = await setup();
    const levels = Array.from({ length: 8 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    expect(await problems(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual([
      'job.yaml: its aliases expand to too much text; write the values out',
    ]);
  });
});

describe('unknown keys', () => {
  test.each([
    ['limit: { rate: 1/s }', 'job.yaml:4:1: limit: unknown key; did you mean limits?'],
    ['limits: { concurency: 4 }', 'job.yaml:4:11: limits.concurency: unknown key; did you mean concurrency?'],
    ['retry: { Attempts: 4 }', 'job.yaml:4:10: retry.Attempts: unknown key; did you mean attempts?'],
    [
      'guards: { xyzzy: 4 }',
      /^job\.yaml:4:11: guards\.xyzzy: unknown key; known here: canary, maxFailures, maxUnk/,
    ],
  ])('%s', async (line, problem) => {
    const { problems } = await setup();
    const found = await problems(jobWith(line));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(problem);
  });

  test('inside provider and list', async () => {
    const { problems } = await setup();
    expect(await problems('job: j\nlist: { cvs: a.csv }\nprovider: { baseurl: x }\n')).toEqual([
      'job.yaml:2:9: list.cvs: unknown key; did you mean csv?',
      'job.yaml:2:7: list: expected exactly one of csv, excel, inbox and postgres',
      'job.yaml:3:13: provider.baseurl: unknown key; did you mean baseUrl?',
    ]);
  });

  test('a key that is an id is masked', async () => {
    const { problems } = await setup();
    expect(await problems(jobWith('"1234567890123456789": 1'))).toEqual([
      expect.stringMatching(/^job\.yaml:4:1: 12\*{13}6789: unknown key; known here: job, /),
    ]);
  });

  test('a value of an unknown key is not repeated', async () => {
    const { problems } = await setup();
    expect((await problems(jobWith('accessKey: planted-value'))).join()).not.toContain('planted-value');
  });
});

describe('$NAME', () => {
  test('is replaced where it is the whole value', async () => {
    const { read } = await setup({ INBOX: 'in/*.csv', HEADER: 'id' });
    const result = await read(
      'job: j\nlist: { csv: $INBOX, columns: { userId: $HEADER, par: a$HEADER } }\nprovider: sandbox\n',
    );
    expect(result).toMatchObject({
      value: { list: { csv: 'in/*.csv', columns: { userId: 'id', par: 'a$HEADER' } } },
    });
  });

  test('that is not set, or set to nothing, is named with its key', async () => {
    const { problems } = await setup({ EMPTY: '' });
    expect(await problems('job: $EMPTY\nlist: { csv: $NOWHERE }\n')).toEqual([
      'job.yaml:1:6: job: the environment variable EMPTY is not set',
      'job.yaml:2:14: list.csv: the environment variable NOWHERE is not set',
    ]);
  });

  test('is read from the file that NAME_FILE names, as a secret of ours is', async () => {
    const { cwd, read, problems } = await setup({ SOURCE_FILE: 'source-url', GONE_FILE: 'nowhere' });
    await writeFile(path.join(cwd, 'source-url'), 'postgres://reader:planted@db/legacy\n');
    const list = 'list: { postgres: { url: $SOURCE, table: members } }';
    expect(await read(`job: j\n${list}\nprovider: sandbox\n`)).toMatchObject({
      value: {
        list: { postgres: { url: 'postgres://reader:planted@db/legacy' } },
        listUrlFrom:
          'the file that SOURCE_FILE in the environment names, which list.postgres.url in job.yaml names',
      },
    });
    expect(await problems('job: j\nlist: { csv: $GONE }\n')).toEqual(['GONE_FILE: no such file']);
  });

  test('can not bring a secret into the settings', async () => {
    const { problems } = await setup({ KONA_SECRET_KEY: 'planted-value' });
    const found = await problems('job: j\nlist: { csv: a.csv }\nprovider: { name: $KONA_SECRET_KEY }\n');
    expect(found).toEqual([expect.stringContaining('provider.name: KONA_SECRET_KEY is a secret')]);
  });

  test('its value is never repeated, however wrong', async () => {
    const { problems } = await setup({ P: 'planted value!' });
    const found = await problems(
      'job: $P\nlist: { csv: a.csv, encoding: $P }\nprovider: { timeZone: $P, encryption: $P }\nlimits: { rate: $P, timeout: $P, concurrency: $P }\nwindows: { timeZone: $P }\noutcomes: { 111_111: $P }\n',
    );
    expect(found).toHaveLength(9);
    expect(found.join()).not.toContain('planted');
  });
});
