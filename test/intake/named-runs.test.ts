import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { namedResultColumns } from '../../src/domain/result-columns.ts';
import { readNamedRuns } from '../../src/intake/named-runs.ts';
import { makeListFolder, PAR } from './list-folder.ts';
import { makeWorkbook, textRow } from './xlsx/workbook-maker.ts';

/** Names that only the settings of a run know. */
const own = ['이름', '고객키', '카드'];
const header = [...own, ...namedResultColumns(own)];

function rowOf(run: string): string[] {
  return ['김화천', '1', PAR, '2', 'bad_data', '', '', '', '1', '', '', '', '', '', run];
}

function tableOf(delimiter: string, runs: readonly string[], lineEnd = '\r\n'): string {
  return [header, ...runs.map(rowOf)].map((cells) => cells.join(delimiter) + lineEnd).join('');
}

async function readFrom(content: string | Uint8Array, name = 'list.csv') {
  await using lists = await makeListFolder();
  const path = await lists.write(content, name);
  return await readNamedRuns({ kind: 'file', path, sheet: null }, 'auto');
}

describe('the runs a list names', () => {
  test.each<[string, string | Buffer]>([
    ['as we wrote it', `\ufeff${tableOf(',', ['b', 'a', 'b'])}`],
    ['saved with semicolons', tableOf(';', ['b', 'a', 'b'])],
    ['saved as Unicode text', iconv.encode(tableOf('\t', ['b', 'a', 'b']), 'utf-16le', { addBOM: true })],
    ['saved by Korean Excel', iconv.encode(tableOf(',', ['b', 'a', 'b']), 'cp949')],
    ['saved on another system, below a title', `고칠 목록\n${tableOf(',', ['b', ' a ', 'b'], '\n')}`],
    ['with rows that lost their last cells', tableOf(',', ['b', '', 'a']).replace(/,+\r\n/, '\r\n')],
  ])('%s', async (_, content) => {
    const found = await readFrom(content);
    expect(found).toMatchObject({ runs: ['b', 'a'], runColumn: 14 });
  });

  test('of a workbook', async () => {
    const rows = [header, rowOf('b'), rowOf('a')]
      .map((cells, index) => textRow(index + 1, ...cells))
      .join('');
    expect(await readFrom(makeWorkbook({ rows }), 'failed.xlsx')).toEqual({
      runs: ['b', 'a'],
      runColumn: 14,
      verdict: null,
    });
  });

  test('an older version named none, and neither does a list without rows', async () => {
    const old = tableOf(',', ['b']).replace(',run\r\n', '\r\n').replace(',b\r\n', '\r\n');
    expect(await readFrom(old)).toMatchObject({ runs: [], runColumn: null });
    expect(await readFrom(tableOf(',', []))).toMatchObject({ runs: [], runColumn: 14 });
  });

  test.each<[string, string | Buffer]>([
    ['any other list', `user_id,par,run\n1,${PAR},b\n`],
    ['an empty file', ''],
    ['no list', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2])],
  ])('%s is none of ours, and told by whoever reads it as a list', async (_, content) => {
    expect(await readFrom(content)).toBeNull();
    expect(await readNamedRuns({ kind: 'file', path: '/nowhere/list.csv', sheet: null }, 'auto')).toBeNull();
  });
});
