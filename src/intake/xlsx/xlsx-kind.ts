import type { Words } from '../../domain/language.ts';
import { FOREIGN_HEAD_BYTES, findForeignText } from '../foreign-text.ts';
import { readHead, readListFile } from '../list-file.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { XlsxFile } from './xlsx-archive.ts';
import { refuseWorkbook } from './xlsx-refusal.ts';

const ZIP = Buffer.from([0x50, 0x4b, 3, 4]);
/** First bytes of the Compound File Binary format: workbooks before 2007, and newer ones with a password. */
const CFB = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

export function isZip(head: Buffer): boolean {
  return startsWith(head, ZIP);
}

export function isCompound(head: Buffer): boolean {
  return startsWith(head, CFB);
}

/**
 * Throws ListRefusedError for a file that is not a zip file, and says what it is instead. Throws ListNotFoundError
 * where it can't be read.
 */
export async function assertZipFile(file: XlsxFile): Promise<void> {
  const head = await readHead(file.path, FOREIGN_HEAD_BYTES);
  if (isZip(head)) return;
  if (isCompound(head)) throw refuseCompound(file.name, await compoundStreams(file.path));
  if (head.length > 0) throw refuseOther(file.name, head);
  throw new ListRefusedError({
    reason: 'empty',
    file: file.name,
    line: null,
    column: null,
    what: {
      en: 'the file is empty and has not even a header',
      ko: '파일이 비어 있어 제목 행조차 없습니다',
    },
    advice: {
      en: 'export the list again; a list without members still has its header row',
      ko: '목록을 다시 내보내 주십시오. 회원이 없는 목록에도 제목 행은 있습니다',
    },
  });
}

const WITH_MACROS: Words = {
  en: 'it is a workbook with macros (.xlsm), which we do not open',
  ko: '매크로가 든 통합 문서(.xlsm)라서 열지 않습니다',
};
const COPY_INTO_EXCEL: Words = {
  en: 'copy the list into Excel and save it as "Excel Workbook (.xlsx)"',
  ko: '목록을 엑셀에 붙여 넣고 "Excel 통합 문서(.xlsx)"로 저장해 주십시오',
};

/** Signs of zip files that hold something other than an Excel workbook; the first match wins. */
const otherZips: readonly {
  readonly part: RegExp;
  readonly what: Words;
  readonly advice?: Words;
}[] = [
  {
    part: /^xl\/workbook\.bin$/,
    what: {
      en: 'it is a binary workbook (.xlsb), which we do not read',
      ko: '이진 통합 문서(.xlsb)라서 읽지 않습니다',
    },
  },
  { part: /^xl\/vbaproject\.bin$/, what: WITH_MACROS },
  {
    part: /^content\.xml$/,
    what: {
      en: 'it looks like an OpenDocument file (.ods)',
      ko: 'OpenDocument 파일(.ods)로 보입니다',
    },
  },
  {
    part: /^word\//,
    what: {
      en: 'it is no Excel workbook but looks like a Word document',
      ko: '엑셀 통합 문서가 아니라 워드 문서로 보입니다',
    },
    advice: COPY_INTO_EXCEL,
  },
  {
    part: /^ppt\//,
    what: {
      en: 'it is no Excel workbook but looks like a PowerPoint file',
      ko: '엑셀 통합 문서가 아니라 파워포인트 파일로 보입니다',
    },
    advice: COPY_INTO_EXCEL,
  },
  {
    part: /\.iwa$/,
    what: {
      en: 'it looks like an Apple Numbers file',
      ko: 'Apple Numbers 파일로 보입니다',
    },
    advice: {
      en: 'export it from Numbers as Excel (.xlsx)',
      ko: 'Numbers에서 Excel(.xlsx)로 내보내 주십시오',
    },
  },
];

/** Recognises another kind of document by its parts. Returns null for what may be a workbook. */
export function findOtherZip(file: string, parts: ReadonlySet<string>): ListRefusedError | null {
  const found = otherZips.find(({ part }) => [...parts].some((name) => part.test(name)));
  return found === undefined ? null : refuseWorkbook(file, found.what, found.advice);
}

/**
 * Refuses a zip file that is no document. Workbooks are not checked this way, because they may have lists as
 * attachments.
 */
export function refusePlainZip(file: string, parts: ReadonlySet<string>): ListRefusedError {
  if ([...parts].some((name) => /\.(?:xlsx|csv)$/.test(name))) {
    return refuseWorkbook(
      file,
      { en: 'it is a zip file with lists in it', ko: '목록이 들어 있는 zip 파일입니다' },
      { en: 'unpack it first and name the list', ko: '먼저 압축을 풀고 목록 파일을 지정해 주십시오' },
    );
  }
  return refuseWorkbook(
    file,
    { en: 'it is a zip file without a workbook in it', ko: '통합 문서가 없는 zip 파일입니다' },
    {
      en: 'name the list itself, saved as "Excel Workbook (.xlsx)" or "CSV UTF-8"',
      ko: '"Excel 통합 문서(.xlsx)"나 "CSV UTF-8"로 저장한 목록 자체를 지정해 주십시오',
    },
  );
}

export function refuseMacros(file: string): ListRefusedError {
  return refuseWorkbook(file, WITH_MACROS);
}

const DIRECTORY_ENTRY_BYTES = 128;
const NAME_LENGTH_AT = 64;
const TYPE_AT = 66;
const STREAM = 2;

/** Stream names in lower case: writers differ in the letter case, and the format compares without it. */
const knownStreams: ReadonlySet<string> = new Set(['encryptedpackage', 'workbook', 'book']);

/**
 * Returns the known stream names. It looks at every place where a directory entry may stand and does not follow the
 * chain of sectors, so a broken or circular chain can't mislead it.
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
  // UTF-16 with its closing NUL, which the length includes.
  const length = entry.readUInt16LE(NAME_LENGTH_AT);
  if (length < 4 || length > NAME_LENGTH_AT) return undefined;
  const name = entry.toString('utf16le', 0, length - 2).toLowerCase();
  return knownStreams.has(name) ? name : undefined;
}

function refuseCompound(file: string, streams: ReadonlySet<string>): ListRefusedError {
  if (streams.has('encryptedpackage')) {
    return refuseWorkbook(
      file,
      {
        en: 'the workbook is protected with a password, so that it cannot be read',
        ko: '통합 문서에 암호가 걸려 있어 읽을 수 없습니다',
      },
      {
        en: 'open it in Excel, take the password off and save it again',
        ko: '엑셀에서 열어 암호를 풀고 다시 저장해 주십시오',
      },
    );
  }
  if (streams.has('workbook') || streams.has('book')) return refuseWorkbook(file, OLD_FORMAT);
  const what = {
    en: 'it is no Excel workbook but another document of old Office, such as Word, Hangul or an e-mail',
    ko: '엑셀 통합 문서가 아니라 워드, 한글, 이메일 같은 다른 옛 형식의 문서입니다',
  };
  return refuseWorkbook(file, what, COPY_INTO_EXCEL);
}

const OLD_FORMAT: Words = {
  en: 'it is a workbook in the old format of Excel 97-2003 (.xls)',
  ko: 'Excel 97-2003의 옛 형식(.xls) 통합 문서입니다',
};

function refuseOther(file: string, head: Buffer): ListRefusedError {
  const foreign = findForeignText(head);
  if (foreign !== null) {
    const what = {
      en: `it is no Excel workbook but ${foreign.kind.en}`,
      ko: `엑셀 통합 문서가 아닙니다: ${foreign.kind.ko}`,
    };
    return refuseWorkbook(file, what, foreign.advice);
  }
  if (isBareStream(head)) return refuseWorkbook(file, OLD_FORMAT);
  if (head.includes(0)) {
    return refuseWorkbook(file, {
      en: 'it is neither an Excel workbook nor any other known kind of file',
      ko: '엑셀 통합 문서도, 알려진 다른 형식도 아닙니다',
    });
  }
  return refuseWorkbook(
    file,
    {
      en: 'it is no Excel workbook but looks like plain text',
      ko: '엑셀 통합 문서가 아니라 일반 텍스트로 보입니다',
    },
    {
      en: 'if it is a CSV file give it a name that ends in .csv, or export the list again',
      ko: 'CSV 파일이면 이름을 .csv로 끝나게 바꾸고, 아니면 목록을 다시 내보내 주십시오',
    },
  );
}

/**
 * Recognises workbooks from before Excel 5, which have no container: their first record is "begin of file", type 9.
 */
function isBareStream(head: Buffer): boolean {
  return head[0] === 9 && [0, 2, 4, 8].includes(head[1] ?? 1) && (head[2] ?? 0) >= 4 && head[3] === 0;
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
