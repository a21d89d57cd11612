import { isBuiltInDate, isDateFormat } from './xlsx-number-format.ts';
import type { XmlHandlers } from './xml/xml-reader.ts';

/** Remembers which cell styles show a number as a date or time. */
export class DateStyles {
  private readonly formats = new Map<number, boolean>();
  private readonly styleFormats: number[] = [];

  /** `style` is a cell's attribute `s`. */
  has(style: number): boolean {
    const format = this.styleFormats[style];
    return format !== undefined && (this.formats.get(format) ?? isBuiltInDate(format));
  }

  addFormat(id: number, code: string): void {
    this.formats.set(id, isDateFormat(code));
  }

  /** Adds a style, in the order in which cells number them. */
  addStyle(format: number): void {
    this.styleFormats.push(format);
  }
}

/** Creates handlers that fill `styles` from its part. */
export function styleHandlers(styles: DateStyles): XmlHandlers {
  const path: string[] = [];
  return {
    open(name, attributes) {
      const parent = path.at(-1);
      path.push(name);
      const format = Number(attributes.get('numFmtId') ?? '0');
      if (parent === 'numFmts' && name === 'numFmt') {
        styles.addFormat(format, attributes.get('formatCode') ?? '');
      }
      if (parent === 'cellXfs' && name === 'xf') styles.addStyle(format);
    },
    text: () => undefined,
    close: () => path.pop(),
  };
}
