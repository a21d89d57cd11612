import { decodeReferences, endOfName } from './xml-characters.ts';

const EQUALS = 0x3d;
const LESS = 0x3c;
const AMPERSAND = 0x26;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

/**
 * Holds the attributes of one start tag by their written names with their prefix, such as `r:id`. Each tag replaces
 * them.
 */
export class XmlAttributes {
  private readonly names: string[] = [];
  private readonly values: string[] = [];
  private count = 0;

  get(name: string): string | undefined {
    for (let index = 0; index < this.count; index += 1) {
      if (this.names[index] === name) return this.values[index];
    }
    return undefined;
  }

  /** Returns the first attribute whose name ends this way. */
  getEnding(end: string): string | undefined {
    return this.values[this.names.slice(0, this.count).findIndex((name) => name.endsWith(end))];
  }

  /** Reads the text between a tag's name and its end. Returns false where that is not well-formed. */
  read(source: string, from: number, end: number): boolean {
    this.count = 0;
    let at = from;
    for (;;) {
      const start = skipBlanks(source, at, end);
      if (start === end) return true;
      if (start === at) return false;
      at = this.readOne(source, start, end);
      if (at < 0) return false;
    }
  }

  /** Returns the index after one attribute; -1 where it is not well-formed. */
  private readOne(source: string, start: number, end: number): number {
    const nameEnd = endOfName(source, start, end);
    const equals = skipBlanks(source, nameEnd, end);
    const open = skipBlanks(source, equals + 1, end);
    const quote = source.charCodeAt(open);
    if (nameEnd === start || source.charCodeAt(equals) !== EQUALS || open >= end) return -1;
    if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) return -1;
    let isPlain = true;
    let close = open + 1;
    for (; close < end; close += 1) {
      const code = source.charCodeAt(close);
      if (code === quote) break;
      isPlain &&= code >= 0x20 && code !== AMPERSAND && code !== LESS;
    }
    const written = source.slice(open + 1, close);
    const value = isPlain ? written : decodeValue(written);
    const name = source.slice(start, nameEnd);
    if (close === end || value === null || this.get(name) !== undefined) return -1;
    this.names[this.count] = name;
    this.values[this.count] = value;
    this.count += 1;
    return close + 1;
  }
}

/** Decodes the value of an attribute. Returns null where it is not well-formed. */
function decodeValue(written: string): string | null {
  if (written.includes('<')) return null;
  return decodeReferences(written.replaceAll(/\r\n|[\t\r\n]/g, ' '));
}

function skipBlanks(source: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(source.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
