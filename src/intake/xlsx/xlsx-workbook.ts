import { posix } from 'node:path';
import type { Words } from '../../domain/language.ts';
import type { ListRefusedError } from '../list-errors.ts';
import type { XlsxArchive, XlsxFile } from './xlsx-archive.ts';
import { findOtherZip, refuseMacros, refusePlainZip } from './xlsx-kind.ts';
import { refuseDamaged } from './xlsx-refusal.ts';
import { type XmlFault, type XmlHandlers, XmlReader, readXml } from './xml/xml-reader.ts';
import type { XmlAttributes } from './xml/xml-attributes.ts';

export interface Worksheet {
  readonly name: string;
  /** False for a hidden sheet; a list may stand on one when its name is given. */
  readonly isVisible: boolean;
  /** Name of the sheet's part; null where the workbook names the sheet but does not contain it. */
  readonly part: string | null;
}

/** What a workbook says about itself before any sheet is read. */
export interface Workbook {
  /** Worksheets in tab order, without charts and dialogs. */
  readonly sheets: readonly Worksheet[];
  readonly date1904: boolean;
  readonly stringsPart: string | null;
  readonly stylesPart: string | null;
}

interface Relation {
  /**
   * The last word of the relation type's address, which is the same in the transitional and the strict form of the
   * format.
   */
  readonly type: string;
  readonly target: string;
}

/**
 * Reads the workbook's sheets and parts. Throws ListRefusedError for a file that is no workbook, and for kinds of
 * workbook we do not read.
 */
export async function readWorkbook(archive: XlsxArchive, file: XlsxFile): Promise<Workbook> {
  const other = findOtherZip(file.name, archive.partNames);
  if (other !== null) throw other;
  const root = await readRelations(archive, file, '');
  const part = [...root.values()].find(({ type }) => type === 'officeDocument')?.target;
  if (part === undefined) throw refusePlainZip(file.name, archive.partNames);
  await assertNoMacros(archive, file);
  const { sheets, date1904 } = await readSheetNames(archive, file, part);
  const relations = await readRelations(archive, file, part);
  // A missing part matters only where it is needed: a cell that refers to a text reports it then.
  const held = (target: string): string | null =>
    archive.partNames.has(target.toLowerCase()) ? target : null;
  const partOf = (type: string): string | null =>
    held([...relations.values()].find((relation) => relation.type === type)?.target ?? '');
  return {
    sheets: sheets.flatMap(({ id, ...sheet }) => {
      const relation = relations.get(id);
      if (relation === undefined) return [{ ...sheet, part: null }];
      return relation.type === 'worksheet' ? [{ ...sheet, part: held(relation.target) }] : [];
    }),
    date1904,
    stringsPart: partOf('sharedStrings'),
    stylesPart: partOf('styles'),
  };
}

/** Returns a function for XmlReader that says what is wrong with a part without quoting its content. */
export function refuseXml(file: XlsxFile): (fault: XmlFault) => ListRefusedError {
  return (fault) => {
    const { en, ko } = xmlFaults[fault];
    return refuseDamaged(file.name, { en: `a part of it ${en}`, ko: `일부가 ${ko}` });
  };
}

const xmlFaults: Readonly<Record<XmlFault, Words>> = {
  not_text: { en: 'is not UTF-8', ko: 'UTF-8이 아닙니다' },
  not_xml: { en: 'is not well-formed XML', ko: '올바른 XML이 아닙니다' },
  has_doctype: {
    en: 'has a document type, which no workbook has',
    ko: '통합 문서에 없는 문서 형식 선언을 담고 있습니다',
  },
  too_deep: { en: 'nests deeper than any workbook', ko: '어떤 통합 문서보다 깊이 중첩되어 있습니다' },
  too_long: { en: 'has a tag or text of more than 1 MiB', ko: '1 MiB를 넘는 태그나 글을 담고 있습니다' },
};

/** Yields every element with its attributes, for parts that are small enough. */
async function readElements(
  archive: XlsxArchive,
  file: XlsxFile,
  part: string,
  open: (path: string, attributes: XmlAttributes) => void,
): Promise<void> {
  const path: string[] = [];
  const handlers: XmlHandlers = {
    open(name, attributes) {
      path.push(name);
      open(path.join('/'), attributes);
    },
    text: () => undefined,
    close: () => path.pop(),
  };
  await readXml(archive.readPart(part, 'other'), new XmlReader(handlers, refuseXml(file)));
}

/** Reads the relations from `part` ('' for the package itself) to parts inside the file, by id. */
async function readRelations(
  archive: XlsxArchive,
  file: XlsxFile,
  part: string,
): Promise<ReadonlyMap<string, Relation>> {
  const folder = posix.dirname(part);
  const relationsPart = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const relations = new Map<string, Relation>();
  if (!archive.partNames.has(relationsPart.toLowerCase())) return relations;
  await readElements(archive, file, relationsPart, (path, attributes) => {
    const id = attributes.get('Id');
    const target = attributes.get('Target') ?? '';
    const isOutside = attributes.get('TargetMode') === 'External';
    if (path !== 'Relationships/Relationship' || id === undefined || isOutside) return;
    const inside = posix.join('/', target.startsWith('/') ? '' : folder, target).slice(1);
    relations.set(id, { type: posix.basename(attributes.get('Type') ?? ''), target: inside });
  });
  return relations;
}

/** The standard's own words for hidden sheets; any other word hides nothing. */
const hiddenStates: ReadonlySet<string> = new Set(['hidden', 'veryHidden']);

interface NamedSheet {
  readonly name: string;
  readonly isVisible: boolean;
  readonly id: string;
}

async function readSheetNames(
  archive: XlsxArchive,
  file: XlsxFile,
  part: string,
): Promise<{ readonly sheets: readonly NamedSheet[]; readonly date1904: boolean }> {
  const sheets: NamedSheet[] = [];
  let date1904 = false;
  let isWorkbook = false;
  await readElements(archive, file, part, (path, attributes) => {
    if (path === 'workbook') isWorkbook = true;
    if (path === 'workbook/workbookPr') date1904 = isTrue(attributes.get('date1904'));
    if (path !== 'workbook/sheets/sheet') return;
    const name = attributes.get('name') ?? '';
    const isVisible = !hiddenStates.has(attributes.get('state') ?? 'visible');
    // Whatever prefix the writer gave the namespace of relations.
    sheets.push({ name, isVisible, id: attributes.getEnding(':id') ?? '' });
  });
  if (!isWorkbook) throw refusePlainZip(file.name, archive.partNames);
  return { sheets, date1904 };
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** Refuses a workbook with macros. A workbook may still declare macros after their part was removed. */
async function assertNoMacros(archive: XlsxArchive, file: XlsxFile): Promise<void> {
  const part = '[Content_Types].xml';
  if (!archive.partNames.has(part.toLowerCase())) throw refusePlainZip(file.name, archive.partNames);
  await readElements(archive, file, part, (_, attributes) => {
    if (/macroEnabled/i.test(attributes.get('ContentType') ?? '')) throw refuseMacros(file.name);
  });
}
