import type { Language } from '../../domain/language.ts';
import { html, type Html } from '../../report/html/html.ts';
import { ledgerTextsIn } from '../texts/ledger-texts-in.ts';

interface NavigatedPage {
  readonly language: Language;
  /** The label of the list of uploads. */
  readonly uploads: string;
  readonly address: string;
}

/** Draws links to the parts of the desk, and marks the part the page belongs to. */
export function drawNavigation({ language, uploads, address }: NavigatedPage): Html {
  const { navigation } = ledgerTextsIn(language);
  const parts = [
    { at: '/', name: uploads, isHere: address === '/' || address.startsWith('/uploads') },
    { at: '/runs', name: navigation.runs, isHere: address.startsWith('/runs') },
    { at: '/search', name: navigation.search, isHere: address === '/search' },
    { at: '/breaks', name: navigation.breaks, isHere: address.startsWith('/breaks') },
  ];
  return html`<nav aria-label="${navigation.label}">
    <ul>
      ${parts.map(({ at, name, isHere }) =>
        isHere
          ? html`<li><a href="${at}" aria-current="page">${name}</a></li>`
          : html`<li><a href="${at}">${name}</a></li>`,
      )}
    </ul>
  </nav>`;
}
