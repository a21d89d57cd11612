import type { Words } from '../../domain/language.ts';
import type { ByteFault } from './byte-check.ts';
import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import type { CsvFault } from './csv-reader.ts';
import { ListRefusedError } from '../list-errors.ts';
import { lineAtByte } from './physical-lines.ts';
import { type CsvStart, readCsvText } from './csv-text.ts';
import { readTextFile, UndecodableError, type TextFile } from './text-file.ts';
import { type PlaceInText, placeOfFault } from './text-place.ts';

const KIB = 1024;

/**
 * Explains an undecodable file. It reads the file again, up to the fault, to name the place. Any other error is
 * returned as it is.
 */
export async function refuseUndecodable(error: unknown, file: TextFile, delimiter: string): Promise<unknown> {
  if (!(error instanceof UndecodableError)) return error;
  const { fault } = error;
  if (fault.kind === 'not_text') {
    const { en, ko } = fault.looksLike;
    return new ListRefusedError({
      reason: 'binary',
      file: file.name,
      line: null,
      column: null,
      what: {
        en: `the file is no ${namesOf[file.encoding]} text but looks like ${en}`,
        ko: `${namesOf[file.encoding]} 텍스트가 아니라 ${ko}(으)로 보입니다`,
      },
      advice: fault.advice,
    });
  }
  const place = await placeOfFault(file, fault.offset, delimiter);
  return refuseBytes(file, fault, place, file.encoding === 'cp949' ? await utf8Words(file) : NOTHING);
}

const NOTHING: Words = { en: '', ko: '' };

const namesOf: Readonly<Record<TextFile['encoding'], string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  cp949: 'CP949',
  'latin-1': 'Latin-1',
};

/**
 * Says how far the file is UTF-8. A file joined from two may have both encodings, and its owner wants to know where
 * the second begins.
 */
async function utf8Words(file: TextFile): Promise<Words> {
  const asUtf8: TextFile = { ...file, encoding: 'utf-8' };
  try {
    const chunks = readTextFile(asUtf8);
    while ((await chunks.next()).done !== true);
    return { en: ', but the file is UTF-8', ko: ' (파일은 UTF-8입니다)' };
  } catch (error) {
    if (!(error instanceof UndecodableError) || error.fault.kind === 'not_text') return NOTHING;
    const { line } = await placeOfFault(asUtf8, error.fault.offset, ',');
    return {
      en: `, nor is the file UTF-8${line === 1 ? '' : ` from line ${line} on`}`,
      ko: line === 1 ? ' (UTF-8도 아닙니다)' : ` (${line}행부터는 UTF-8도 아닙니다)`,
    };
  }
}

function refuseBytes(
  file: TextFile,
  fault: Exclude<ByteFault, { kind: 'not_text' }>,
  { line, column, character }: PlaceInText,
  asUtf8: Words,
): ListRefusedError {
  const at = `at byte offset ${fault.offset} (character ${character} of the line)`;
  const place = `바이트 위치 ${fault.offset} (그 줄의 ${character}번째 글자)`;
  if (fault.kind === 'nul') {
    const what = {
      en: `there is a NUL ${at}, so the file is binary, or UTF-16 text without its mark`,
      ko: `${place}에 NUL이 있어 이진 파일이거나 표시 없는 UTF-16 텍스트입니다`,
    };
    const advice = {
      en: 'export the list as "CSV UTF-8"',
      ko: '목록을 "CSV UTF-8"로 내보내 주십시오',
      atTerminal: {
        en: 'or name its encoding with --encoding utf-16le or utf-16be',
        ko: '또는 --encoding utf-16le 또는 utf-16be로 인코딩을 지정해 주십시오',
      },
    };
    return new ListRefusedError({ reason: 'binary', file: file.name, line, column, what, advice });
  }
  const byte = `0x${fault.byte.toString(16).padStart(2, '0').toUpperCase()}`;
  const what = {
    en: `the byte ${byte} ${at} is not ${namesOf[file.encoding]}${asUtf8.en}`,
    ko: `${place}의 바이트 ${byte}는 ${namesOf[file.encoding]}이(가) 아닙니다${asUtf8.ko}`,
  };
  const advice = {
    en: 'export the list again as "CSV UTF-8"',
    ko: '목록을 "CSV UTF-8"로 다시 내보내 주십시오',
    atTerminal: {
      en: 'or read a list that was saved in a Western or another encoding with --encoding latin-1 (list.encoding): its ids and PARs are read correctly, only names may look wrong',
      ko: '서유럽 등 다른 인코딩으로 저장된 목록은 --encoding latin-1 (list.encoding)로 읽을 수 있습니다: 회원번호와 PAR은 그대로 읽히고, 이름만 다르게 보일 수 있습니다',
    },
  };
  return new ListRefusedError({ reason: 'encoding', file: file.name, line, column, what, advice });
}

/** Explains a fault in a text that was read from `start` on. */
export async function refuseCsv(file: TextFile, fault: CsvFault, start: CsvStart): Promise<ListRefusedError> {
  const line =
    'line' in fault.start
      ? fault.start.line
      : start.blankLines + (await lineAtByte(readCsvText(file, start), fault.start.offset));
  return new ListRefusedError({
    reason: fault.kind,
    file: file.name,
    line,
    column: fault.column,
    ...sentenceOf(fault.kind),
  });
}

function sentenceOf(kind: CsvFault['kind']): { readonly what: Words; readonly advice: Words } {
  switch (kind) {
    case 'quote_not_closed':
      return {
        what: {
          en: 'a quote is opened here and never closed',
          ko: '여기서 열린 따옴표가 닫히지 않습니다',
        },
        advice: CLOSE_QUOTE,
      };
    case 'quote_misplaced':
      return {
        what: {
          en: 'the cell that starts here has a quote in a place where none is allowed',
          ko: '여기서 시작하는 셀에 있을 수 없는 자리의 따옴표가 있습니다',
        },
        advice: {
          en: 'put the whole cell in quotes and double the quotes inside it, or export the list again',
          ko: '셀 전체를 따옴표로 묶고 안의 따옴표는 두 번 쓰거나, 목록을 다시 내보내 주십시오',
        },
      };
    case 'field_too_large':
      return {
        what: {
          en: `the cell that starts here is larger than ${MAX_FIELD_BYTES / KIB} KiB, probably because a quote was not closed`,
          ko: `여기서 시작하는 셀이 ${MAX_FIELD_BYTES / KIB} KiB를 넘습니다. 따옴표가 닫히지 않으면 이렇게 됩니다`,
        },
        advice: {
          en: `${CLOSE_QUOTE.en}, or shorten the cell`,
          ko: `${CLOSE_QUOTE.ko}. 또는 셀을 줄여 주십시오`,
        },
      };
    case 'row_too_large':
      return {
        what: {
          en: `the row that starts here is larger than ${MAX_ROW_BYTES / KIB} KiB, probably because a quote was not closed`,
          ko: `여기서 시작하는 행이 ${MAX_ROW_BYTES / KIB} KiB를 넘습니다. 따옴표가 닫히지 않으면 이렇게 됩니다`,
        },
        advice: {
          en: `${CLOSE_QUOTE.en}, or shorten the row`,
          ko: `${CLOSE_QUOTE.ko}. 또는 행을 줄여 주십시오`,
        },
      };
  }
}

const CLOSE_QUOTE: Words = {
  en: 'close the quote, or double a quote that belongs to the text',
  ko: '따옴표를 닫거나, 글에 속하는 따옴표는 두 번 써 주십시오',
};
