import { readHead, readListFile } from '../list-file.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { XlsxFile } from './xlsx-archive.ts';
import { refuseWorkbook } from './xlsx-refusal.ts';

const ZIP = Buffer.from([0x50, 0x4b, 3, 4]);
/** Of the Compound File Binary format: workbooks before 2007, and newer ones under a password. */
const CFB = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
const HEAD_BYTES = 1024;

export function isZip(head: Buffer): boolean {
  return startsWith(head, ZIP);
}

export function isCompound(head: Buffer): boolean {
  return startsWith(head, CFB);
}

/** Throws ListRefusedError for a file that is no zip file and says what it is; ListNotFoundError. */
export async function assertZipFile(file: XlsxFile): Promise<void> {
  const head = await readHead(file.path, HEAD_BYTES);
  if (isZip(head)) return;
  if (isCompound(head)) throw refuseCompound(file.name, await compoundStreams(file.path));
  if (head.length > 0) throw refuseOther(file.name, head);
  throw new ListRefusedError({
    reason: 'empty',
    file: file.name,
    line: null,
    column: null,
    what: 'the file is empty, not even a header is there',
    advice: 'export the list again; a list without members still has its header row',
  });
}

/** What a zip file looks like that holds other documents than an Excel workbook; the first match wins. */
const otherZips: readonly {
  readonly part: RegExp;
  readonly what: string;
  readonly advice?: string;
}[] = [
  {
    part: /^xl\/vbaproject\.bin$/,
    what: 'it is a workbook with macros (.xlsm), which we do not open',
  },
  { part: /^xl\/workbook\.bin$/, what: 'it is a binary workbook (.xlsb), which we do not read' },
  { part: /^content\.xml$/, what: 'it looks like an OpenDocument file (.ods)' },
  {
    part: /^word\//,
    what: 'it is no Excel workbook but looks like a Word document',
    advice: 'copy the list into Excel and save it as "Excel Workbook (.xlsx)"',
  },
  {
    part: /^ppt\//,
    what: 'it is no Excel workbook but looks like a PowerPoint file',
    advice: 'copy the list into Excel and save it as "Excel Workbook (.xlsx)"',
  },
  {
    part: /\.iwa$/,
    what: 'it looks like an Apple Numbers file',
    advice: 'export it from Numbers as Excel (.xlsx)',
  },
];

/** By its parts. Null for what may be a workbook. */
export function findOtherZip(file: string, parts: ReadonlySet<string>): ListRefusedError | null {
  const found = otherZips.find(({ part }) => [...parts].some((name) => part.test(name)));
  return found === undefined ? null : refuseWorkbook(file, found.what, found.advice);
}

/** Of a zip file that is no document. Not asked of a workbook, which may hold other lists as attachments. */
export function refusePlainZip(file: string, parts: ReadonlySet<string>): ListRefusedError {
  if ([...parts].some((name) => /\.(?:xlsx|csv)$/.test(name))) {
    return refuseWorkbook(file, 'it is a zip file with lists in it', 'unpack it first and name the list');
  }
  const what = 'it is a zip file without a workbook in it';
  return refuseWorkbook(file, what, 'name the list itself, saved as "Excel Workbook (.xlsx)" or "CSV UTF-8"');
}

export function refuseMacros(file: string): ListRefusedError {
  return refuseWorkbook(file, 'it is a workbook with macros (.xlsm), which we do not open');
}

const DIRECTORY_ENTRY_BYTES = 128;
const NAME_LENGTH_AT = 64;
const TYPE_AT = 66;
const STREAM = 2;

const knownStreams = ['EncryptedPackage', 'Workbook', 'Book'].map((name) => ({
  name,
  /** UTF-16 with its closing NUL, as a directory entry begins. */
  bytes: Buffer.from(`${name}\0`, 'utf16le'),
}));

/**
 * Names of those streams we know. Looks at every place where a directory entry may stand instead of following the
 * chain of sectors to them: a broken or circular chain has nothing to lead astray.
 */
async function compoundStreams(path: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of readListFile(path)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % DIRECTORY_ENTRY_BYTES);
    for (let at = 0; at < whole; at += DIRECTORY_ENTRY_BYTES) {
      const name = streamName(bytes.subarray(at, at + DIRECTORY_ENTRY_BYTES));
      if (name !== undefined) found.add(name);
    }
    rest = Buffer.from(bytes.subarray(whole));
  }
  return found;
}

function streamName(entry: Buffer): string | undefined {
  if (entry[TYPE_AT] !== STREAM) return undefined;
  const length = entry.readUInt16LE(NAME_LENGTH_AT);
  return knownStreams.find(({ bytes }) => bytes.length === length && startsWith(entry, bytes))?.name;
}

function refuseCompound(file: string, streams: ReadonlySet<string>): ListRefusedError {
  if (streams.has('EncryptedPackage')) {
    const what = 'the workbook is protected with a password, so that it cannot be read';
    return refuseWorkbook(file, what, 'open it in Excel, take the password off and save it again');
  }
  if (streams.has('Workbook') || streams.has('Book')) {
    return refuseWorkbook(file, 'it is a workbook in the old format of Excel 97-2003 (.xls)');
  }
  const what =
    'it is no Excel workbook but another document of old Office, such as Word, Hangul or an e-mail';
  return refuseWorkbook(file, what, 'copy the list into Excel and save it as "Excel Workbook (.xlsx)"');
}

function refuseOther(file: string, head: Buffer): ListRefusedError {
  const start = head.toString('latin1');
  if (/<(?:!doctype html|html|table|meta)\b/i.test(start)) {
    return refuseWorkbook(
      file,
      'it is no Excel workbook but a web page with that name, as some systems export it',
    );
  }
  if (head.includes(0)) return refuseWorkbook(file, 'it is no Excel workbook, nor anything we know');
  const what = 'it is no Excel workbook but looks like plain text';
  return refuseWorkbook(
    file,
    what,
    'if it is a CSV file give it a name that ends in .csv, or export the list again',
  );
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
