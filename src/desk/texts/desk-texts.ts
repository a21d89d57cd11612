import type { VoidedPlan } from '../../ledger/desk/approval-table.ts';
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
  readonly approval: {
    readonly heading: string;
    readonly own: string;
    readonly waits: string;
    readonly asks: string;
    readonly approve: (calls: string) => string;
    readonly approveNothing: string;
    readonly reason: string;
    readonly decline: string;
    readonly by: string;
    readonly declined: (by: string) => string;
    readonly voided: Readonly<Record<VoidedPlan['why'], string>>;
    readonly rows: string;
    readonly before: string;
    readonly after: string;
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
  readonly facts: {
    readonly heading: string;
    readonly bytes: string;
    readonly bytesOf: (bytes: string) => string;
    readonly hash: string;
    readonly run: string;
  };
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
  readonly plan: {
    readonly heading: string;
    readonly calls: string;
    readonly toCall: string;
    readonly column: string;
    readonly wrong: string;
    readonly start: (calls: string) => string;
    readonly startNothing: string;
    readonly afterStart: string;
    readonly withdraw: string;
    readonly ours: (job: string) => string;
    readonly old: string;
    readonly again: string;
    readonly unusual: string;
    readonly pass: string;
  };
  readonly refused: {
    readonly heading: string;
    readonly toDo: string;
    readonly pass: string;
    readonly passed: string;
    readonly englishOnly: string;
  };
  readonly waiting: { readonly received: string; readonly asked: string; readonly close: string };
  readonly progress: {
    readonly heading: string;
    readonly done: (done: string, due: string) => string;
    readonly notYet: string;
    readonly close: string;
  };
  readonly result: {
    readonly report: string;
    readonly files: string;
    readonly wholeIds: string;
    readonly file: string;
    readonly reason: string;
    readonly reasonHelp: string;
    readonly download: string;
    readonly handBack: string;
    readonly goOn: string;
    readonly goOnHelp: string;
    readonly noRun: string;
    readonly noFolder: string;
    readonly purged: string;
    readonly kinds: Readonly<Record<string, string>>;
  };
  readonly withdrawn: string;
  readonly expired: string;
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
  /** Nobody decides about what they uploaded themselves. */
  | 'own_upload'
  | 'no_reason'
  | 'no_result'
  | 'too_late'
  /** Its file is not as it was uploaded. */
  | 'file_lost'
  | 'too_many_pages'
  | 'too_many'
  | 'no_ledger'
  | 'no_room'
  | 'fault';
