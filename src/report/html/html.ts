/** Markup that may stand in a page unchanged. Only `html` creates it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Fragment = Html | string | number | null | readonly Fragment[];

/** The one place where text becomes markup: any value that is not Html is escaped. Null becomes nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return new Html(strings.reduce((page, part, index) => page + toMarkup(values[index - 1] ?? null) + part));
}

function toMarkup(value: Fragment): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(toMarkup).join('');
  return escapeText(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Matches control characters and marks that turn the direction of text. They show nothing and could falsify a page.
 */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\uFEFF]/gu;

function escapeText(text: string): string {
  return text.replace(UNSEEN, '').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
