import { TextDecoder } from 'node:util';
import type { ListRefusedError } from '../../list-errors.ts';
import type { XmlAttributes } from './xml-attributes.ts';
import { type SyntaxFault, XmlScanner } from './xml-scanner.ts';

/** Handlers for the elements of a document; names come without their prefix. */
export interface XmlHandlers {
  /** Receives the start of an element. `attributes` are valid only until this function returns. */
  open(name: string, attributes: XmlAttributes): void;
  /** May read whole elements itself, as `readElements` of the scanner's events. */
  readElements?(source: string, at: number, open: string[]): number;
  /** Receives text inside the root, in pieces cut by tags, comments and CDATA sections. */
  text(text: string): void;
  close(name: string): void;
}

export type XmlFault = SyntaxFault | 'not_text' | 'too_deep' | 'too_long';

/** No part we read is nested deeper than ten elements. */
const MAX_DEPTH = 64;

/** A tag or text longer than a row may be does not belong in a list, and would have to be held in memory. */
const MAX_PIECE_BYTES = 1024 * 1024;

const encodings: readonly { readonly mark: readonly number[]; readonly encoding: string }[] = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
];

const declaredEncodings = new Set(['utf-8', 'utf8', 'utf-16', 'us-ascii']);

/**
 * Reads one XML document piece by piece. Every fault is thrown as the error that `refuse` makes. Document types are
 * refused, and with them every entity but XML's own five. Errors thrown by handlers pass through.
 */
export class XmlReader {
  private readonly scanner: XmlScanner;
  private readonly refuse: (fault: XmlFault) => ListRefusedError;
  private decoder: TextDecoder | null = null;
  private pieceBytes = 0;

  constructor(handlers: XmlHandlers, refuse: (fault: XmlFault) => ListRefusedError) {
    this.refuse = refuse;
    this.scanner = new XmlScanner(
      {
        open: (name, attributes) => {
          this.open(name, attributes, handlers);
        },
        readElements: (source, at, open) => {
          const after = handlers.readElements?.(source, at, open) ?? at;
          if (after > at) this.endPiece();
          return after;
        },
        text: (text) => {
          this.endPiece();
          handlers.text(text);
        },
        close: (name) => {
          this.close(name, handlers);
        },
        passOver: () => {
          this.endPiece();
        },
        declare: (encoding) => {
          if (encoding !== null && !declaredEncodings.has(encoding.toLowerCase())) this.fail('not_text');
        },
      },
      (fault) => this.fail(fault),
    );
  }

  write(chunk: Buffer): void {
    this.decoder ??= createDecoder(chunk);
    this.pieceBytes += chunk.length;
    this.scanner.write(this.decode(chunk));
    if (this.pieceBytes > MAX_PIECE_BYTES) this.fail('too_long');
  }

  /** Ends the document; anything not closed by now is refused. */
  end(): void {
    this.scanner.write(this.decode());
    this.scanner.end();
  }

  /** Decodes the next bytes. Without bytes it ends the text and refuses half a character that is left over. */
  private decode(chunk?: Buffer): string {
    const decoder = (this.decoder ??= new TextDecoder('utf-8', { fatal: true }));
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return this.fail('not_text');
    }
  }

  private open(name: string, attributes: XmlAttributes, handlers: XmlHandlers): void {
    this.endPiece();
    if (this.scanner.depth >= MAX_DEPTH) this.fail('too_deep');
    handlers.open(localName(name), attributes);
  }

  private close(name: string, handlers: XmlHandlers): void {
    this.endPiece();
    handlers.close(localName(name));
  }

  /** The next piece may have begun in the same chunk, so a piece may exceed the limit by up to one chunk. */
  private endPiece(): void {
    this.pieceBytes = 0;
  }

  private fail(fault: XmlFault): never {
    throw this.refuse(fault);
  }
}

/** Passes a whole document to its handlers. Throws the signal's reason when it is aborted. */
export async function readXml(
  chunks: AsyncIterable<Buffer>,
  reader: XmlReader,
  signal?: AbortSignal,
): Promise<void> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    reader.write(chunk);
  }
  reader.end();
}

function createDecoder(start: Buffer): TextDecoder {
  const found = encodings.find(({ mark }) => mark.every((byte, index) => start[index] === byte));
  return new TextDecoder(found?.encoding ?? 'utf-8', { fatal: true });
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
