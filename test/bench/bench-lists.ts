import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeXlsxStream } from 'hucre/xlsx';
import iconv from 'iconv-lite';

export interface BenchFolder extends AsyncDisposable {
  readonly path: string;
}

export async function createBenchFolder(): Promise<BenchFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kona-bench-'));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A member's row: 19 digits, a PAR and a Korean name; every number gives another one, always the same. */
export function memberRow(number: number): [string, string, string] {
  const userId = String(
    1_000_000_000_000_000_000n + ((BigInt(number) * 7_919_999_983n) % 8_999_999_999_999_999_999n),
  );
  return [userId, `PAR${String(number).padStart(24, '0')}`, names[number % names.length] ?? ''];
}

const names = ['김민수', '이영희', '박지훈', '최서연', '정하늘', '황보라'];
const LINES_AT_ONCE = 2_000;

function* lines(rows: number): Generator<string> {
  yield '회원번호,카드토큰,이름\r\n';
  for (let from = 0; from < rows; from += LINES_AT_ONCE) {
    const count = Math.min(LINES_AT_ONCE, rows - from);
    yield Array.from({ length: count }, (_, i) => `${memberRow(from + i + 1).join(',')}\r\n`).join('');
  }
}

export async function writeCsv(path: string, rows: number, encoding: 'utf-8' | 'cp949'): Promise<string> {
  const chunks = (function* () {
    for (const text of lines(rows))
      yield encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, 'cp949');
  })();
  await pipeline(Readable.from(chunks), createWriteStream(path));
  return path;
}

export async function writeWorkbook(path: string, rows: number): Promise<string> {
  const cells = (function* () {
    yield ['회원번호', '카드토큰', '이름'];
    for (let number = 1; number <= rows; number += 1) yield memberRow(number);
  })();
  await pipeline(Readable.from(writeXlsxStream(cells, { name: 'List' })), createWriteStream(path));
  return path;
}

/** As `\copy` takes them into list_row: run, row, line, cells, user id, PAR. */
export async function writeStagedRows(path: string, runNo: number, rows: number): Promise<string> {
  const chunks = (function* () {
    for (let from = 1; from <= rows; from += LINES_AT_ONCE) {
      const count = Math.min(LINES_AT_ONCE, rows - from + 1);
      yield Array.from({ length: count }, (_, i) => {
        const cells = memberRow(from + i);
        return `${[runNo, from + i, from + i + 1, `{${cells.join(',')}}`, cells[0], cells[1]].join('\t')}\n`;
      }).join('');
    }
  })();
  await pipeline(Readable.from(chunks), createWriteStream(path));
  return path;
}

interface RowsOfAList {
  readonly columns: number;
  /** Of a number from 1 on. */
  readonly rowOf: (number: number) => readonly string[];
}

/** A CSV list of any rows; none of their cells needs quotes. */
export async function writeRows(
  path: string,
  rows: number,
  { columns, rowOf }: RowsOfAList,
): Promise<string> {
  const chunks = (function* () {
    const others = Array.from({ length: columns - 2 }, (_, index) => `column_${index}`);
    yield `회원번호,카드토큰,${others.join(',')}\r\n`;
    for (let number = 1; number <= rows; number += 1) yield `${rowOf(number).join(',')}\r\n`;
  })();
  await pipeline(Readable.from(chunks), createWriteStream(path));
  return path;
}
