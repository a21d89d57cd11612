import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEnvironment, secretOf, variableOf, type Variables } from '../../src/config/environment.ts';
import type { FileVariable } from '../../src/config/environment-table.ts';
import { createWorkplace } from './workplace.ts';

async function setup(env: Variables, dotEnv?: string) {
  const { cwd, write } = await createWorkplace();
  if (dotEnv !== undefined) await write('.env', dotEnv);
  const open = async () => {
    const environment = await openEnvironment(env, cwd);
    if (environment.kind === 'refused') throw new Error(environment.problems.join());
    return environment.value;
  };
  const secret = async (name: FileVariable) => secretOf(await open(), name);
  return { cwd, write, open, secret };
}

describe('.env', () => {
  test('is optional', async () => {
    const { open } = await setup({ A: '1' });
    expect(variableOf(await open(), 'A')).toBe('1');
    expect(variableOf(await open(), 'B')).toBeNull();
  });

  test('stands below the environment, also where that is set to nothing', async () => {
    const { open } = await setup({ A: 'environment', B: '' }, '\uFEFFA=file\nB=file\nC="two words # one"\n');
    const environment = await open();
    expect(['A', 'B', 'C'].map((name) => variableOf(environment, name))).toEqual([
      'environment',
      null,
      'two words # one',
    ]);
  });

  test('is not written into the environment of the process', async () => {
    const { open } = await setup({}, 'KONA_TEST_ONLY_HERE=1\n');
    await open();
    expect(process.env['KONA_TEST_ONLY_HERE']).toBeUndefined();
  });

  test('a value that would be cut at its # is refused, without the value', async () => {
    const { cwd } = await setup(
      {},
      '# comment\nA=1 # fine\nB="x#y"\nexport DATABASE_URL=postgres://u:pass#word@h/d\n',
    );
    expect(await openEnvironment({}, cwd)).toEqual({
      kind: 'refused',
      problems: ['.env:4: DATABASE_URL: a value with # in it must be written in quotes'],
    });
  });

  test('that is a folder is refused', async () => {
    const { cwd } = await setup({});
    await mkdir(path.join(cwd, '.env'));
    expect(await openEnvironment({}, cwd)).toEqual({
      kind: 'refused',
      problems: [".env can't be read (EISDIR)"],
    });
  });
});

describe('NAME_FILE', () => {
  test('starts at the working folder and loses the new lines at its end alone', async () => {
    const { write, secret } = await setup({ KONA_ACCESS_KEY_FILE: 'secrets/key' });
    await write('secrets/key', ' a\nb \r\n\n');
    expect(await secret('KONA_ACCESS_KEY')).toEqual({ kind: 'valid', value: ' a\nb ' });
  });

  test('beside NAME is a contradiction', async () => {
    const { secret } = await setup({ KONA_ACCESS_KEY: 'planted', KONA_ACCESS_KEY_FILE: 'key' });
    expect(await secret('KONA_ACCESS_KEY')).toEqual({
      kind: 'refused',
      problems: ['KONA_ACCESS_KEY and KONA_ACCESS_KEY_FILE are both set; unset one'],
    });
  });

  test('in the environment wins over NAME in .env, and the other way round', async () => {
    const one = await setup({ KONA_ACCESS_KEY_FILE: 'key' }, 'KONA_ACCESS_KEY=weak\n');
    await one.write('key', 'strong');
    expect(await one.secret('KONA_ACCESS_KEY')).toEqual({ kind: 'valid', value: 'strong' });
    const other = await setup({ KONA_ACCESS_KEY: 'strong' }, 'KONA_ACCESS_KEY_FILE=nowhere\n');
    expect(await other.secret('KONA_ACCESS_KEY')).toEqual({ kind: 'valid', value: 'strong' });
  });

  test('that is missing, empty or a folder is refused', async () => {
    const { cwd, write, secret } = await setup({
      KONA_ASP_ID_FILE: 'a',
      KONA_ACCESS_KEY_FILE: 'b',
      KONA_SECRET_KEY_FILE: 'c',
    });
    await write('b', '\n');
    await mkdir(path.join(cwd, 'c'));
    expect(
      await Promise.all([secret('KONA_ASP_ID'), secret('KONA_ACCESS_KEY'), secret('KONA_SECRET_KEY')]),
    ).toEqual([
      { kind: 'refused', problems: ['KONA_ASP_ID_FILE: no such file'] },
      { kind: 'refused', problems: ['KONA_ACCESS_KEY_FILE: the file is empty'] },
      { kind: 'refused', problems: ["KONA_SECRET_KEY_FILE can't be read (EISDIR)"] },
    ]);
  });

  test('neither is null', async () => {
    const { secret } = await setup({ KONA_ACCESS_KEY: '' });
    expect(await secret('KONA_ACCESS_KEY')).toEqual({ kind: 'valid', value: null });
  });
});

test('a DER file, which is no text, is read as base64 of it', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const { cwd, secret } = await setup({ KONA_CLIENT_PRIVATE_KEY_FILE: 'key.der' });
  await writeFile(path.join(cwd, 'key.der'), der);
  expect(await secret('KONA_CLIENT_PRIVATE_KEY')).toEqual({ kind: 'valid', value: der.toString('base64') });
});
