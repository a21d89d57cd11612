// Replaces string-width in the built program, because setting up that package's tables takes longer than `--help`.
// Characters of our own texts are counted here; the package is loaded at the first text with any other character.
import { createRequire } from 'node:module';
import type stringWidthOfPackage from 'string-width';

type StringWidth = typeof stringWidthOfPackage;

/** ASCII, the middle dot, dashes, quotation marks and the ellipsis are one column wide, whole Korean syllables two. */
const PLAIN = /^[\u0020-\u007e\u00b7\u2013-\u2026\uac00-\ud7a3]*$/;
const SYLLABLES = /[\uac00-\ud7a3]/g;
let ofPackage: StringWidth | null = null;

const stringWidth: StringWidth = (text, options) => {
  if (options === undefined && PLAIN.test(text)) return text.length + (text.match(SYLLABLES)?.length ?? 0);
  ofPackage ??= (createRequire(import.meta.url)('string-width') as { readonly default: StringWidth }).default;
  return ofPackage(text, options);
};

export default stringWidth;
