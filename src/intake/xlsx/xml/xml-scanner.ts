import { XmlAttributes } from './xml-attributes.ts';
import { decodeReferences, endOfName, hasForbiddenCharacter, isPlainText } from './xml-characters.ts';

/** The events of a document in the order of its parts. Names come as they are written, with their prefix. */
export interface XmlEvents {
  /** Reports the start of an element. `attributes` are valid only until the next event. */
  open(name: string, attributes: XmlAttributes): void;
  /**
   * May read on from a start tag itself, in place of the events, where that is faster. Returns the index after what it
   * read; `at` where it reads nothing. That must be well-formed, references and line ends included, and `open` must
   * have the names of the elements that are open then.
   */
  readElements?(source: string, at: number, open: string[]): number;
  /** Reports a text inside the root, with references decoded and line ends as XML defines them. */
  text(text: string): void;
  /** Reports the end of an element; an element without content has one too, after its `open`. */
  close(name: string): void;
  /** Reports a comment or a processing instruction. */
  passOver(): void;
  /** Reports the XML declaration; `encoding` is null where it names none. */
  declare(encoding: string | null): void;
}

export type SyntaxFault = 'not_xml' | 'has_doctype';

const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const GREATER = 0x3e;

const COMMENT = '<!--';
const CDATA = '<![CDATA[';
const DOCTYPE = '<!DOCTYPE';

const BLANK = /^[ \t\r\n]*$/;
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>$/;

/**
 * Splits a document into its parts as it arrives, and holds only the piece whose end has not arrived yet. It accepts
 * what XML 1.0 calls well-formed, without document types. For anything else it calls `fail`, which throws.
 *
 * A sheet of a million rows has twenty tags a row: each is found by `indexOf` and compared in place, because a parser
 * that looks at each character takes ten times as long.
 */
export class XmlScanner {
  private readonly events: XmlEvents;
  private readonly fail: (fault: SyntaxFault) => never;
  private readonly attributes = new XmlAttributes();
  /** The names of the open elements. */
  private readonly open: string[] = [];
  private source = '';
  /** The index of the first piece that was not reported yet. */
  private at = 0;
  private isStart = true;
  private hasRoot = false;
  /** The source has only characters that mean themselves in a text. */
  private isPlain = true;

  constructor(events: XmlEvents, fail: (fault: SyntaxFault) => never) {
    this.events = events;
    this.fail = fail;
  }

  /** Number of open elements. */
  get depth(): number {
    return this.open.length;
  }

  write(text: string): void {
    this.source = this.at < this.source.length ? this.source.slice(this.at) + text : text;
    this.at = 0;
    this.isPlain = isPlainText(this.source);
    if (!this.isPlain && hasForbiddenCharacter(text)) this.fail('not_xml');
    while (this.step());
  }

  /** Ends the document once everything was written. */
  end(): void {
    if (this.open.length > 0 || !this.hasRoot || !BLANK.test(this.source.slice(this.at))) {
      this.fail('not_xml');
    }
  }

  /** Reports the text up to the next tag, and the tag. Returns false where the tag's end has not arrived yet. */
  private step(): boolean {
    const { source, at } = this;
    const tag = source.indexOf('<', at);
    if (tag < 0) return false;
    if (tag > at) this.takeText(source.slice(at, tag));
    this.at = tag;
    switch (source.charCodeAt(tag + 1)) {
      case SLASH:
        return this.takeEndTag();
      case BANG:
        return this.takeMarkedSection();
      case QUESTION:
        return this.takeInstruction();
      default:
        return this.takeStartTag();
    }
  }

  private takeText(text: string): void {
    this.isStart = false;
    if (this.open.length === 0) {
      if (!BLANK.test(text)) this.fail('not_xml');
    } else if (this.isPlain) {
      this.events.text(text);
    } else {
      if (text.includes(']]>')) this.fail('not_xml');
      this.events.text(decodeReferences(normalLineEnds(text)) ?? this.fail('not_xml'));
    }
  }

  private takeEndTag(): boolean {
    const { source, at } = this;
    const end = source.indexOf('>', at);
    if (end < 0) return false;
    const name = this.open.pop();
    if (name === undefined || !source.startsWith(name, at + 2)) return this.fail('not_xml');
    const rest = at + 2 + name.length;
    if (rest !== end && !BLANK.test(source.slice(rest, end))) this.fail('not_xml');
    this.at = end + 1;
    this.events.close(name);
    return true;
  }

  private takeStartTag(): boolean {
    const { source, at, open } = this;
    const after = open.length > 0 ? (this.events.readElements?.(source, at, open) ?? at) : at;
    if (after > at) {
      this.at = after;
      return true;
    }
    const end = endOfStartTag(source, at);
    if (end < 0) return false;
    if (open.length === 0 && this.hasRoot) this.fail('not_xml');
    this.isStart = false;
    this.hasRoot = true;
    const isEmpty = source.charCodeAt(end - 1) === SLASH;
    const inner = isEmpty ? end - 1 : end;
    const nameEnd = endOfName(source, at + 1, inner);
    const isGood = nameEnd > at + 1 && this.attributes.read(source, nameEnd, inner);
    if (!isGood) this.fail('not_xml');
    const name = source.slice(at + 1, nameEnd);
    this.at = end + 1;
    this.events.open(name, this.attributes);
    if (isEmpty) this.events.close(name);
    else open.push(name);
    return true;
  }

  private takeMarkedSection(): boolean {
    const { source, at } = this;
    if (source.startsWith(COMMENT, at)) return this.takeComment();
    if (source.startsWith(CDATA, at)) return this.takeCdata();
    const start = source.slice(at, at + CDATA.length);
    if (start === DOCTYPE) this.fail('has_doctype');
    const mayBecome = [COMMENT, CDATA, DOCTYPE].some((opening) => opening.startsWith(start));
    return mayBecome ? false : this.fail('not_xml');
  }

  private takeComment(): boolean {
    const { source, at } = this;
    const end = source.indexOf('--', at + COMMENT.length);
    if (end < 0 || end + 2 === source.length) return false;
    if (source.charCodeAt(end + 2) !== GREATER) this.fail('not_xml');
    return this.passOver(end + 3);
  }

  private takeCdata(): boolean {
    const { source, at } = this;
    if (this.open.length === 0) this.fail('not_xml');
    const end = source.indexOf(']]>', at + CDATA.length);
    if (end < 0) return false;
    this.at = end + 3;
    this.events.text(normalLineEnds(source.slice(at + CDATA.length, end)));
    return true;
  }

  private takeInstruction(): boolean {
    const { source, at, isStart } = this;
    const end = source.indexOf('?>', at + 2);
    if (end < 0) return false;
    const nameEnd = endOfName(source, at + 2, end);
    const isNamed = nameEnd > at + 2 && (nameEnd === end || BLANK.test(source.charAt(nameEnd)));
    if (!isNamed) this.fail('not_xml');
    if (source.slice(at + 2, nameEnd).toLowerCase() !== 'xml') return this.passOver(end + 2);
    const declaration = isStart ? DECLARATION.exec(source.slice(at, end + 2)) : null;
    if (declaration === null) return this.fail('not_xml');
    this.passOver(end + 2);
    this.events.declare(declaration[1] ?? declaration[2] ?? null);
    return true;
  }

  private passOver(end: number): true {
    this.isStart = false;
    this.at = end;
    this.events.passOver();
    return true;
  }
}

/** Returns the index of the tag's `>`, skipping attribute values; -1 where it has not arrived yet. */
function endOfStartTag(source: string, at: number): number {
  let end = source.indexOf('>', at);
  let quote = nextQuote(source, at, end);
  while (quote >= 0) {
    const closing = source.indexOf(source.charAt(quote), quote + 1);
    if (closing < 0) return -1;
    if (closing > end) end = source.indexOf('>', closing);
    quote = nextQuote(source, closing + 1, end);
  }
  return end;
}

/** Returns the index of the next quote before `end`; -1 where there is none. */
function nextQuote(source: string, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const code = source.charCodeAt(at);
    if (code === 0x22 || code === 0x27) return at;
  }
  return -1;
}

function normalLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}
