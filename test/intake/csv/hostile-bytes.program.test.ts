import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { makeListFolder, PAR } from '../list-folder.ts';

const child = fileURLToPath(new URL('hostile-bytes-child.ts', import.meta.url));
const MIB = 1024 * 1024;

/** A file of `times` pieces behind a beginning. */
async function writeLarge(path: string, head: string | Buffer, piece: Buffer, times: number): Promise<void> {
  const pieces = (function* () {
    yield Buffer.from(head);
    for (let i = 0; i < times; i += 1) yield piece;
  })();
  await pipeline(Readable.from(pieces), createWriteStream(path));
}

const header = `user_id,par\n1,${PAR}\n`;
const cases: readonly (readonly [string, string | Buffer, Buffer, number, RegExp])[] = [
  ['200 MB of one line', header, Buffer.alloc(MIB, 'x'), 200, /^refused row_too_large/],
  ['200 MB of one quoted cell', `${header}"`, Buffer.alloc(MIB, 'x\n'), 200, /^refused row_too_large/],
  ['200 MB of delimiters', header, Buffer.alloc(MIB, ','), 200, /^refused row_too_large/],
  ['200 MB of quotes', header, Buffer.alloc(MIB, '"'), 200, /^refused row_too_large/],
  ['5 MB of line feeds', header, Buffer.alloc(MIB, '\n'), 5, /^read 1$/],
  ['200 MB without a header', '', Buffer.alloc(MIB, 'x'), 200, /^refused /],
  ['100 MB of CP949 without a line', '', Buffer.alloc(MIB, Buffer.from([0xb0, 0xa1])), 100, /^refused /],
  ['100 MB of UTF-16 without a line', Buffer.from([0xff, 0xfe]), Buffer.alloc(MIB, 'x\0'), 100, /^refused /],
  ['100 MB that are no text', Buffer.from([0x81]), Buffer.alloc(MIB, 0xff), 100, /^refused encoding/],
  ['a million rows', header, Buffer.from(`123456789,${PAR}\n`.repeat(1_000)), 1_000, /^read 1000001$/],
];

describe('hostile bytes end in rows or in a refusal, and take little memory', () => {
  test.each(cases)('%s', async (_, head, piece, times, expected) => {
    await using lists = await makeListFolder();
    const path = await lists.write('');
    await writeLarge(path, head, piece, times);
    const said = execFileSync(process.execPath, [child, path], { encoding: 'utf8' });
    const { end, grownMiB } = JSON.parse(said) as { end: string; grownMiB: number };
    expect(end).toMatch(expected);
    expect(grownMiB).toBeLessThan(200);
  });
});
