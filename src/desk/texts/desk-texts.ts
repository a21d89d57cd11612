import type { UploadState } from '../../ledger/desk/upload-table.ts';

/** What the desk says in a language, but for what the terminal and the reports say too. */
export interface DeskTexts {
  readonly title: string;
  readonly otherLanguage: string;
  readonly onePerson: string;
  readonly signIn: {
    /** Before the person's name. */
    readonly as: string;
    readonly out: string;
    readonly signedOut: string;
    readonly signedOutMore: string;
    readonly again: string;
  };
  readonly skip: string;
  readonly uploads: {
    readonly heading: string;
    readonly none: string;
    readonly new: string;
    readonly file: string;
    readonly kind: string;
    readonly by: string;
    readonly at: string;
    readonly state: string;
    readonly more: (shown: string) => string;
  };
  readonly facts: { readonly bytes: string; readonly hash: string };
  readonly states: Readonly<Record<UploadState, string>>;
  readonly upload: {
    readonly heading: string;
    readonly kind: string;
    readonly file: string;
    readonly drop: string;
    readonly limits: (largest: string) => string;
    readonly send: string;
    readonly sending: string;
    readonly after: string;
  };
  readonly problems: Readonly<Record<DeskProblem, string>>;
  readonly problemHeading: string;
  readonly back: string;
}

/** Why a request was not done, as people are told. */
export type DeskProblem =
  | 'not_found'
  | 'wrong_host'
  | 'wrong_origin'
  | 'old_page'
  | 'no_file'
  | 'empty_file'
  | 'no_kind'
  | 'too_large'
  | 'broken_upload'
  | 'not_signed_in'
  /** It names somebody, without what would make us believe it. */
  | 'not_believed'
  /** Known, and without any role here. */
  | 'no_role'
  /** Its role does not do that. */
  | 'not_allowed'
  | 'no_email'
  | 'sign_in_failed'
  | 'too_many'
  | 'no_ledger'
  | 'no_room'
  | 'fault';
