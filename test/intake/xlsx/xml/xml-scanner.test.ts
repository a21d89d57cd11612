import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { type SyntaxFault, XmlScanner } from '../../../../src/intake/xlsx/xml/xml-scanner.ts';

/** Each element, text and end of the document in its order, or the fault that ended it. */
type Reading = readonly string[] | SyntaxFault;

class Fault extends Error {
  readonly fault: SyntaxFault;
  constructor(fault: SyntaxFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Names of attributes that the documents below have. */
const ATTRIBUTES = ['r', 's', 't', 'r:id', 'xml:space', '이름', '__proto__', 'x.1'];

function scan(pieces: readonly string[]): Reading {
  const seen: string[] = [];
  const scanner = new XmlScanner(
    {
      open: (name, attributes) => {
        const given = ATTRIBUTES.flatMap((key) => {
          const value = attributes.get(key);
          return value === undefined ? [] : [`${key}=${value}`];
        });
        seen.push(['open', name, ...given].join(' '));
      },
      text: (text) => seen.push(`text ${text}`),
      close: (name) => seen.push(`close ${name}`),
      passOver: () => undefined,
      declare: (encoding) => seen.push(`declare ${encoding}`),
    },
    (fault) => {
      throw new Fault(fault);
    },
  );
  try {
    for (const piece of pieces) scanner.write(piece);
    scanner.end();
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  return seen;
}

/** The same by saxes, which is as strict as XML 1.0 and looks at each character. */
function scanBySaxes(source: string): Reading {
  const parser = new SaxesParser({ position: false, xmlns: false });
  const seen: string[] = [];
  let depth = 0;
  const text = (piece: string): void => {
    if (depth > 0) seen.push(`text ${piece}`);
  };
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    const given = ATTRIBUTES.flatMap((key) =>
      attributes[key] === undefined ? [] : [`${key}=${attributes[key]}`],
    );
    seen.push(['open', name, ...given].join(' '));
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    seen.push(`close ${name}`);
  });
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('xmldecl', ({ encoding }) => seen.push(`declare ${encoding ?? null}`));
  parser.on('doctype', () => {
    throw new Fault('has_doctype');
  });
  parser.on('error', () => {
    throw new Fault('not_xml');
  });
  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  return seen;
}

const name = fc.constantFrom('c', 'row', 'x:is', '이름', 'sheetData', '_a-1.b', 'À');
const blank = fc.constantFrom('', ' ', '\n', '\r\n', '\t ');
const text = fc.constantFrom(
  '1000000007919999983',
  '김민수',
  'a > b',
  ']] >',
  ' \r\n ',
  '\r',
  '&lt;&amp;&gt;&quot;&apos;',
  '&#65;&#x1F600;',
  '😀',
);
const attribute = fc
  .tuple(fc.constantFrom(...ATTRIBUTES), blank, blank, text, fc.constantFrom('"', "'"))
  .map(([key, before, after, value, quote]) => ` ${key}${before}=${after}${quote}${value}${quote}`);
const startTag = fc.tuple(
  name,
  fc.uniqueArray(attribute, { maxLength: 3, selector: (one) => one.split('=')[0]?.trim() }),
  blank,
);
const { node } = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constantFrom(
      '<!-- a <b> - c -->',
      '<![CDATA[ a < b ]] & ]]>',
      '<![CDATA[]]>',
      '<?go on?>',
      '<?go?>',
      '',
    ),
    startTag.map(([tag, attributes, end]) => `<${tag}${attributes.join('')}${end}/>`),
    fc
      .tuple(startTag, fc.array(tie('node'), { maxLength: 4 }), blank)
      .map(
        ([[tag, attributes, end], inner, last]) =>
          `<${tag}${attributes.join('')}${end}>${inner.join('')}</${tag}${last}>`,
      ),
  ),
}));
const declaration = fc.constantFrom(
  '',
  '<?xml version="1.0"?>',
  `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n`,
  '<?xml version="1.0" standalone="no"?>',
);
const document = fc
  .tuple(declaration, blank, name, fc.array(node, { maxLength: 6 }), blank)
  .map(
    ([start, before, root, inner, after]) => `${start}${before}<${root}>${inner.join('')}</${root}>${after}`,
  );

/** What a fault of a writer, a disk or an attacker may put anywhere. */
const ODDITIES = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '=',
  '?>',
  '!',
  '-',
  '--',
  ']',
  ']]>',
  '\0',
  '\x0b',
  '\uffff',
  ' ',
  '\r',

  '&#0;',
  '&#xD800;',
  '&#1114112;',
  '&#x;',
  '&no;',
  '&',
  '&;',
  '<!DOCTYPE a>',
  '<!ENTITY a "b">',
  '<?xml version="1.0"?>',
  '<?XML ?>',

  '<!--',
  '-->',
  '<![CDATA[',
  '<a',
  '</a',
  '<a r="1" r="2"/>',
  '<a r=1/>',
  '<a r/>',
  '<1/>',
  '<a/ >',
  '<->',
  '</>',
  '<>',
  '< a>',
  '< a="1"/>',
  '<![CDATA[x]]>',
  '<a r="<"/>',
  '<a r="&"/>',
  '<a r="1"s="2"/>',
  'À',
  '·',
  '😀',
  '１',
];
const oddity = fc.constantFrom(...ODDITIES);
const cutLength = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) });
const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), cutLength, oddity);

function changed(source: string, [place, cut, put]: readonly [number, number, string]): string {
  const at = Math.floor(place * source.length);
  const whole = `${source.slice(0, at)}${put}${source.slice(at + cut)}`;
  // The decoder before the scanner lets no half character through.
  return whole.toWellFormed();
}

function cutUp(source: string, places: readonly number[]): string[] {
  const at = places.map((place) => Math.floor(place * source.length)).toSorted((a, b) => a - b);
  return [0, ...at].map((from, index) => source.slice(from, at[index] ?? source.length));
}

/** Of two faults in a document either may be seen first. */
function read(reading: Reading): readonly string[] | null {
  return typeof reading === 'string' ? null : reading;
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

describe('an XML document', () => {
  it('is read as saxes reads it, however it comes', () => {
    fc.assert(
      fc.property(document, places, (source, cuts) => {
        const reading = scanBySaxes(source);
        expect(reading).not.toBe('not_xml');
        expect(scan(cutUp(source, cuts))).toStrictEqual(reading);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is not well-formed is refused as saxes refuses it', () => {
    fc.assert(
      fc.property(
        document,
        fc.array(change, { minLength: 1, maxLength: 2 }),
        places,
        (source, changes, cuts) => {
          const damaged = changes.reduce(changed, source);
          expect(read(scan(cutUp(damaged, cuts)))).toStrictEqual(read(scanBySaxes(damaged)));
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it.each(ODDITIES)('with %j at any place of it is read, or refused, as by saxes', (put) => {
    const whole =
      '<?xml version="1.0"?><!-- a -->\n<a r = "1" s=\'2\'>b&lt;c<x:d/>]<![CDATA[ e ]]><!-- g --><?go on?><이름 > f\r\n</이름\t></a> ';
    for (let at = 0; at <= whole.length; at += 1) {
      const odd = `${whole.slice(0, at)}${put}${whole.slice(at)}`;
      const ours = read(scan([odd.slice(0, at + 1), odd.slice(at + 1)]));
      expect({ odd, reading: ours }).toStrictEqual({ odd, reading: read(scanBySaxes(odd)) });
    }
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \r\n'],
    ['a second root', '<a/><b/>'],
    ['text before the root', 'x<a/>'],
    ['text after the root', '<a/>x'],
    ['a root without an end', '<a><b></b>'],
    ['an end without a root', '</a>'],
    ['ends in the wrong order', '<a><b></a></b>'],
    ['a declaration that is not the first', ' <?xml version="1.0"?><a/>'],
    ['a tag that never ends', '<a'],
    ['a comment that never ends', '<a/><!-- -'],
  ])('of %s is refused', (_, source) => {
    expect(scan([source])).toBe('not_xml');
    expect(scan(Array.from(source))).toBe('not_xml');
  });

  it('has no document type', () => {
    expect(scan(Array.from('<!DOCTYPE a [<!ENTITY b "c">]><a/>'))).toBe('has_doctype');
  });
});
