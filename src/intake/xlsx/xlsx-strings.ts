import { MAX_FIELD_BYTES } from '../list-limits.ts';
import { decodeEscapes } from './xlsx-escape.ts';
import type { XmlHandlers } from './xml/xml-reader.ts';

const PAGE_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;
const TOO_LARGE = 0xffff_ffff;
const PLACES_A_BLOCK = 65_536;

/** Longest text kept before its escapes are undone; an escape makes one character of seven. */
export const MAX_RAW_LENGTH = 8 * MAX_FIELD_BYTES;

/**
 * The shared texts that cells refer to, as UTF-8 in pages of 1 MiB. A text takes its bytes and eight more outside the
 * heap, so that a list of a million ids burdens neither the heap's limit nor the garbage collector.
 */
export class SharedStrings {
  private readonly pages: Buffer[] = [];
  /** The place of each text: its page times PAGE_BYTES, plus its offset. */
  private readonly places: Uint32Array[] = [];
  private count = 0;
  private used = 0;

  /**
   * Adds a text. A text larger than a cell may be is not kept (null: already known to be too large); a cell that
   * refers to it is at fault.
   */
  add(text: string | null): void {
    const isTooLarge = text === null || isLargerThanCell(text);
    const kept = isTooLarge ? '' : text;
    const page = this.pageFor(LENGTH_BYTES + kept.length * 3);
    this.keepPlace((this.pages.length - 1) * PAGE_BYTES + this.used);
    const length = page.write(kept, this.used + LENGTH_BYTES);
    page.writeUInt32LE(isTooLarge ? TOO_LARGE : length, this.used);
    this.used += LENGTH_BYTES + length;
  }

  /** Returns undefined where the text does not exist, null where it was too large to be kept. */
  get(index: number): string | null | undefined {
    if (index >= this.count) return undefined;
    const place = this.places[Math.floor(index / PLACES_A_BLOCK)]?.[index % PLACES_A_BLOCK] ?? 0;
    const page = this.pages[Math.floor(place / PAGE_BYTES)];
    const start = (place % PAGE_BYTES) + LENGTH_BYTES;
    const length = page?.readUInt32LE(start - LENGTH_BYTES) ?? 0;
    return length === TOO_LARGE ? null : page?.toString('utf8', start, start + length);
  }

  /** Returns the last page if it has room for so many bytes, or else a new one. */
  private pageFor(bytes: number): Buffer {
    const last = this.pages.at(-1);
    if (last !== undefined && this.used + bytes <= PAGE_BYTES) return last;
    const page = Buffer.allocUnsafeSlow(PAGE_BYTES);
    this.pages.push(page);
    this.used = 0;
    return page;
  }

  private keepPlace(place: number): void {
    const within = this.count % PLACES_A_BLOCK;
    if (within === 0) this.places.push(new Uint32Array(PLACES_A_BLOCK));
    this.places.at(-1)?.fill(place, within, within + 1);
    this.count += 1;
  }
}

/**
 * Collects the text of an `si` or `is`: its `t` and those of its runs `r`, in order, without the pronunciation `rPh`.
 * Text elsewhere inside it counts as well. Text beyond MAX_RAW_LENGTH is dropped, and `isTooLong` says so.
 */
export class RichText {
  private textSoFar = '';
  private isPhonetic = false;
  private isText = false;
  isTooLong = false;

  start(): void {
    this.textSoFar = '';
    this.isPhonetic = false;
    this.isText = false;
    this.isTooLong = false;
  }

  open(name: string): void {
    if (name === 'rPh') this.isPhonetic = true;
    this.isText = name === 't' && !this.isPhonetic;
  }

  write(text: string): void {
    // Some writers leave out the `t`; blanks between elements are no text.
    if (!this.isText && (this.isPhonetic || text.trim() === '')) return;
    if (this.textSoFar.length + text.length > MAX_RAW_LENGTH) this.isTooLong = true;
    else this.textSoFar += text;
  }

  close(name: string): void {
    if (name === 'rPh') this.isPhonetic = false;
    this.isText = false;
  }

  get text(): string {
    return decodeEscapes(this.textSoFar);
  }
}

/** The form of most texts; nothing in it must be decoded as XML. */
const PLAIN_ITEM = /<si><t(?: xml:space="preserve")?>([^<&\]\r]*)<\/t><\/si>/y;

/** Depth of the elements that hold a text each. */
const ITEM = 2;

/** Creates handlers that fill `strings` from its part. */
export function sharedStringHandlers(strings: SharedStrings): XmlHandlers {
  const item = new RichText();
  let depth = 0;
  return {
    open(name) {
      depth += 1;
      if (name === 'si') item.start();
      else item.open(name);
    },
    readElements(source, at) {
      let after = at;
      while (depth === ITEM - 1) {
        PLAIN_ITEM.lastIndex = after;
        const text = PLAIN_ITEM.exec(source)?.[1];
        if (text === undefined || text.length > MAX_RAW_LENGTH) break;
        strings.add(decodeEscapes(text));
        after = PLAIN_ITEM.lastIndex;
      }
      return after;
    },
    text(text) {
      item.write(text);
    },
    close(name) {
      depth -= 1;
      if (name !== 'si') return item.close(name);
      strings.add(item.isTooLong ? null : item.text);
    },
  };
}

export function isLargerThanCell(text: string): boolean {
  return text.length * 3 > MAX_FIELD_BYTES && Buffer.byteLength(text) > MAX_FIELD_BYTES;
}
