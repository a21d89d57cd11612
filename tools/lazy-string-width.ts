// Stands in the built program for string-width, whose tables take longer to set up than `--help` takes: what our own texts
// are made of is counted here, and the package is loaded with the first text that holds anything else.
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
