import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEnvironment, secretOf, variableOf } from '../../src/config/environment.ts';

async function openWith(content: string | Uint8Array, secret?: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'kona-env-'));
  try {
    await writeFile(join(folder, '.env'), content);
    if (secret !== undefined) await writeFile(join(folder, 'secret'), secret);
    const opened = await openEnvironment({}, folder);
    if (opened.kind === 'refused') return { problems: opened.problems, value: () => null, secret: null };
    const { value: environment } = opened;
    return {
      problems: [],
      value: (name: string) => variableOf(environment, name),
      secret: await secretOf(environment, 'KONA_SECRET_KEY'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a .env in UTF-16, as a shell’s > writes it', () => {
  test('is read', async () => {
    const file = new URL('../intake/broken-lists/env-in-utf16.txt', import.meta.url);
    const { problems, value } = await openWith(await readFile(file));
    expect([problems, value('KONA_BASE_URL')]).toEqual([[], 'sandbox']);
  });

  test.each([
    ['UTF-16 BE', Buffer.from('\ufeffA=1\nB=김\n', 'utf16le').swap16()],
    ['UTF-8 with its mark', Buffer.from('\ufeffA=1\r\nB=김\r\n')],
    ['lines that end in CR', Buffer.from('A=1\rB=김\r')],
  ])('%s', async (_, content) => {
    const { value } = await openWith(content);
    expect([value('A'), value('B')]).toEqual(['1', '김']);
  });

  test('without its mark it is refused with its name', async () => {
    const { problems } = await openWith(Buffer.from('A=1\n', 'utf16le'));
    expect(problems).toEqual([".env can't be read (it is not UTF-8 text; save it as UTF-8)"]);
  });

  test('a secret’s own file too', async () => {
    const { secret } = await openWith(
      'KONA_SECRET_KEY_FILE=secret\n',
      Buffer.from('\ufeffkey\r\n', 'utf16le'),
    );
    expect(secret).toEqual({ kind: 'valid', value: 'key' });
  });
});

describe('a line that is no NAME=value', () => {
  test.each([
    ['A=1\nKONA_BASE_URL sandbox\n', '.env:2: expected NAME=value'],
    ['A=1\n\nKONA_SECRET_KEY: hunter2\n', '.env:3: expected NAME=value'],
    ['=x\n', '.env:1: expected NAME=value'],
    ['A="x\ny"\nhunter2\n', '.env:3: expected NAME=value'],
    ['set A=1\n', '.env:1: expected NAME=value'],
  ])('%j is refused with its number, and nothing of it is shown', async (content, problem) => {
    expect((await openWith(content)).problems).toEqual([problem]);
  });

  test('what a .env may hold beside them is fine', async () => {
    const pem = '-----BEGIN KEY-----\nMII=\n-----END KEY-----';
    const content = `# a comment\n\n  \nexport A=1\nB = 2\nC="${pem}"\nD='x\ny z'\nE=\`p\nq\`\n  # more\nF=\nG=a b c\nH="#1"\n`;
    const { problems, value } = await openWith(content);
    expect(problems).toEqual([]);
    expect(['A', 'B', 'C', 'D', 'E', 'G', 'H'].map(value)).toEqual([
      '1',
      '2',
      pem,
      'x\ny z',
      'p\nq',
      'a b c',
      '#1',
    ]);
  });
});
