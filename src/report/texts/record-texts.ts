import type { AgeBucket, BreakKind, BreakState } from '../../domain/reconciliation/break.ts';
import type { Actor, RowClass } from '../../domain/class.ts';
import type { Language, Words } from '../../domain/language.ts';
import type { RejectionReason } from '../../domain/rejection/rejection.ts';
import {
  codeMeanings,
  isDocumentedCode,
  sisterMeaningOf,
  type ClassGiver,
} from '../../domain/provider-code.ts';

/** A class or a kind of break, for people. */
export interface Explained {
  /** A few words, for headings and cells. */
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
  /** What the one who must act does; one sentence. */
  readonly toDo: string;
}

/** The words for what stands in the ledger, the same in every file for people. Complete in both languages by its type. */
export interface RecordTexts {
  readonly language: Language;
  readonly classes: Readonly<Record<RowClass, Explained>>;
  readonly actors: Readonly<Record<Actor, string>>;
  /** Who must act on rows that only wait until what stopped their run is mended. */
  readonly onceMended: string;
  readonly unknownCode: string;
  /** Beside an unknown code: what the pages of sister calls say of it. */
  readonly onSisterCalls: (meaning: Words) => string;
  /** Beside a class that did not come of the built-in table. */
  readonly classGivers: Readonly<Record<ClassGiver, string>>;
  readonly reasons: Readonly<Record<RejectionReason, string>>;
  readonly breakKinds: Readonly<Record<BreakKind, Explained>>;
  readonly breakStates: Readonly<Record<BreakState, string>>;
  readonly ages: Readonly<Record<AgeBucket, string>>;
}

/** What a provider's code means. */
export function meaningOfCode(code: string, texts: RecordTexts): string {
  if (isDocumentedCode(code)) return codeMeanings[code][texts.language];
  const sister = sisterMeaningOf(code);
  if (sister === null) return texts.unknownCode;
  return `${texts.unknownCode} (${texts.onSisterCalls(sister)})`;
}
