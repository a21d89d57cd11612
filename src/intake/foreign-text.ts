import type { Words } from '../domain/language.ts';

/** Enough of a file to see what kind of text it is, also where comments and style sheets' names come first. */
export const FOREIGN_HEAD_BYTES = 4096;

/** A text file that opens in Excel by name and is neither a list nor a workbook. */
export interface ForeignText {
  /** Names it, to stand after "it is no list but". */
  readonly kind: Words;
  readonly advice: Words;
}

const OPEN_AND_SAVE: Words = {
  en: 'open it in Excel and save it as "Excel Workbook (.xlsx)"',
  ko: '엑셀에서 열어 "Excel 통합 문서(.xlsx)"로 저장해 주십시오',
};

interface KnownText extends Omit<ForeignText, 'advice'> {
  readonly start: RegExp;
  readonly advice?: Words;
}

/** The first match wins. Each looks at the start of the text, behind a mark and blanks. */
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
    // Records are a letter or two, a semicolon, and fields: a list whose header begins with `ID;P` goes on otherwise.
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
];

/** What kind of text begins so, in UTF-8, a single-byte encoding, or UTF-16 with its mark; null for what may be a list. */
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
