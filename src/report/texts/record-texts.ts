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

/** The words for a class or a kind of break. */
export interface Explained {
  /** A few words, for headings and cells. */
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
  /** What the person who must act does; one sentence. */
  readonly toDo: string;
}

/**
 * The words for what is in the ledger, the same in every file for people. The type ensures that both languages are
 * complete.
 */
export interface RecordTexts {
  readonly language: Language;
  readonly classes: Readonly<Record<RowClass, Explained>>;
  readonly actors: Readonly<Record<Actor, string>>;
  /** Who must act on rows that only wait until the cause of the run's stop is removed. */
  readonly onceMended: string;
  readonly unknownCode: string;
  /** For an unknown code: what the pages of sister calls say about it. */
  readonly onSisterCalls: (meaning: Words) => string;
  /** For a class that did not come from the built-in table. */
  readonly classGivers: Readonly<Record<ClassGiver, string>>;
  readonly reasons: Readonly<Record<RejectionReason, string>>;
  readonly breakKinds: Readonly<Record<BreakKind, Explained>>;
  readonly breakStates: Readonly<Record<BreakState, string>>;
  readonly ages: Readonly<Record<AgeBucket, string>>;
}

/** Returns the meaning of a provider's code. */
export function meaningOfCode(code: string, texts: RecordTexts): string {
  if (isDocumentedCode(code)) return codeMeanings[code][texts.language];
  const sister = sisterMeaningOf(code);
  if (sister === null) return texts.unknownCode;
  return `${texts.unknownCode} (${texts.onSisterCalls(sister)})`;
}
