import type { Words } from '../domain/language.ts';

/** Bytes read to tell what kind of text a file is: enough even where comments or style sheet names come first. */
export const FOREIGN_HEAD_BYTES = 4096;

/** A text file that opens in Excel by name and is neither a list nor a workbook. */
export interface ForeignText {
  /** Names the kind of file, to follow the words "it is no list but". */
  readonly kind: Words;
  readonly advice: Words;
}

const OPEN_AND_SAVE: Words = {
  en: 'open it in Excel and save it as "Excel Workbook (.xlsx)"',
  ko: '엑셀에서 열어 "Excel 통합 문서(.xlsx)"로 저장해 주십시오',
};

const EXPORT_AS_CSV: Words = {
  en: 'export the list as "CSV UTF-8"',
  ko: '목록을 "CSV UTF-8"로 내보내 주십시오',
};

interface KnownText extends Omit<ForeignText, 'advice'> {
  readonly start: RegExp;
  readonly advice?: Words;
}

/** The first match wins. Each pattern looks at the start of the text, after any byte order mark and blanks. */
const knownTexts: readonly KnownText[] = [
  {
    start:
      /^(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*<\?mso-application[^>]*Excel|^(?:<[?!][^>]*>\s*)*<(?:\w+:)?Workbook[\s>]/i,
    kind: { en: 'an XML spreadsheet of Excel 2003', ko: 'Excel 2003 XML 스프레드시트' },
  },
  {
    start: /^(?:<[?!][^>]*>\s*)*<office:document[\s>]/i,
    kind: { en: 'an OpenDocument file in one piece (.fods)', ko: 'OpenDocument 단일 파일(.fods)' },
  },
  {
    start:
      /^(?:<(?:\?xml|!--)[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|table|meta|title|style|script|div|center|font|form|h1|p|pre|span|br|base|link)\b/i,
    kind: {
      en: 'a web page with that name, as some systems export it',
      ko: '그런 이름의 웹 페이지 (일부 시스템이 이렇게 내보냅니다)',
    },
    advice: {
      en: `${OPEN_AND_SAVE.en}; where it is an error page, download the list again`,
      ko: `${OPEN_AND_SAVE.ko}; 오류 페이지라면 목록을 다시 내려받아 주십시오`,
    },
  },
  {
    start:
      /^(?:[A-Za-z-]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)*(?:MIME-Version:|Content-Type:\s*multipart\/related)/i,
    kind: { en: 'a web archive (MHTML)', ko: '웹 보관 파일(MHTML)' },
  },
  {
    // A SYLK record is one or two letters, a semicolon and fields; a CSV header that begins with `ID;P` continues
    // differently.
    start: /^ID;P\w*(?:;[A-Z][^;\r\n]*)*\r?\n(?:P|F|B|C|O|NN|NE|NU|W);/,
    kind: { en: 'a SYLK file (.slk)', ko: 'SYLK 파일(.slk)' },
  },
  { start: /^TABLE\r?\n0,1\r?\n"/, kind: { en: 'a DIF file (.dif)', ko: 'DIF 파일(.dif)' } },
  {
    start: /^\{\\rtf/,
    kind: { en: 'an RTF document', ko: 'RTF 문서' },
    advice: {
      en: 'copy the list into Excel and save it as "Excel Workbook (.xlsx)"',
      ko: '목록을 엑셀에 붙여 넣고 "Excel 통합 문서(.xlsx)"로 저장해 주십시오',
    },
  },
  { start: /^<\?xml\b/i, kind: { en: 'an XML document', ko: 'XML 문서' } },
  { start: /^(?:\[\s*)?\{\s*"/, kind: { en: 'JSON', ko: 'JSON' }, advice: EXPORT_AS_CSV },
  {
    start:
      /^(?:--[^\r\n]*[\r\n]\s*|\/\*(?:(?!\*\/)[^])*\*\/;?\s*|set\s+\w+\s*(?:=|to\b)[^\r\n;]*;\s*)*(?:insert\s+into\s+\S+\s*(?:\(|values\b|select\b)|create\s+table\s+[^(]{1,100}\(|copy\s+\S+\s*\([^)]*\)\s+from\s+stdin)/i,
    kind: { en: 'an SQL script', ko: 'SQL 스크립트' },
    advice: EXPORT_AS_CSV,
  },
];

/**
 * Returns the kind of text a file's first bytes show, or null where they may begin a list. Reads UTF-8, single-byte
 * encodings, and UTF-16 with a byte order mark.
 */
export function findForeignText(head: Buffer): ForeignText | null {
  const start = decodeHead(head).replace(/^[\ufeff\s]+/, '');
  const known = knownTexts.find((text) => text.start.test(start));
  return known === undefined ? null : { kind: known.kind, advice: known.advice ?? OPEN_AND_SAVE };
}

function decodeHead(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le');
  if (head[0] === 0xfe && head[1] === 0xff) {
    return Buffer.from(head.subarray(0, head.length - (head.length % 2)))
      .swap16()
      .toString('utf16le');
  }
  return head.subarray(head[0] === 0xef && head[1] === 0xbb ? 3 : 0).toString('latin1');
}
