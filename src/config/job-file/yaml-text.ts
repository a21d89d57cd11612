import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { problemsOf, refused, valid, type Checked } from '../checked.ts';

export interface YamlText {
  readonly value: unknown;
  /**
   * Returns `line:column` of the value at a path, or of the nearest value around it; of the key, where one is given.
   */
  locate(path: readonly PropertyKey[], key?: string): string;
}

/** Reads one YAML document. Refuses duplicate keys, unknown tags and a second document; anchors are allowed. */
export function parseYamlText(text: string, fileName: string): Checked<YamlText> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true });
  const faults = [...document.errors, ...document.warnings].map((fault) => {
    const place = placeOf(lineCounter, fault.pos[0]);
    return `${fileName}:${place}: ${maskIdsInText(fault.message)}`;
  });
  if (faults.length === 0) faults.push(...unresolvedAliases(document, lineCounter, fileName));
  const value = faults.length === 0 ? plainValueOf(document, fileName) : refused(...faults);
  if (value.kind === 'refused') return refused(...problemsOf(value));
  return valid({
    value: value.value,
    locate: (path, key) => placeOf(lineCounter, offsetOf(document, path, key)),
  });
}

/** Finds aliases without an anchor. yaml itself reports them only while building the value, and without a place. */
function unresolvedAliases(
  document: Document,
  lineCounter: LineCounter,
  fileName: string,
): readonly string[] {
  const faults: string[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const place = placeOf(lineCounter, alias.range?.[0] ?? 0);
      const source = maskIdsInText(alias.source);
      const isPattern = /[.*?/]/.test(source);
      faults.push(
        isPattern
          ? `${fileName}:${place}: a value that begins with * means something else in YAML: write it in quotes, "*${source}"`
          : `${fileName}:${place}: there is no anchor ${source} before it`,
      );
    },
  });
  return faults;
}

function plainValueOf(document: Document, fileName: string): Checked<unknown> {
  try {
    return valid(document.toJS());
  } catch {
    return refused(`${fileName}: its aliases expand to too much text; write the values out`);
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node))
      return (depth === path.length ? keyOffset(node, key) : undefined) ?? node.range?.[0] ?? 0;
  }
  return keyOffset(document.contents, key) ?? document.contents?.range?.[0] ?? 0;
}

function keyOffset(node: unknown, key: string | undefined): number | undefined {
  if (key === undefined || !isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

function placeOf(lineCounter: LineCounter, offset: number): string {
  const { line, col } = lineCounter.linePos(offset);
  return `${line}:${col}`;
}
