import type { VoidedPlan } from '../../ledger/desk/approval-table.ts';
import type { UploadState } from '../../ledger/desk/upload-table.ts';

/** The desk's texts in one language, except those that the terminal and the reports share. */
export interface DeskTexts {
  readonly title: string;
  readonly otherLanguage: string;
  readonly onePerson: string;
  readonly signIn: {
    /** This text precedes the person's name. */
    readonly as: string;
    readonly out: string;
    readonly signedOut: string;
    readonly signedOutMore: string;
    readonly again: string;
  };
  /** The page on which people see and end their own sessions. */
  readonly sessions: {
    readonly heading: string;
    readonly about: string;
    readonly begun: string;
    readonly seen: string;
    readonly thisOne: string;
    readonly end: string;
    readonly endAll: string;
    readonly provider: string;
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
  /** In the place of an uploader's buttons, for anybody else. */
  readonly uploadersDecide: string;
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
    readonly start: (calls: string) => string;
    readonly startNothing: string;
    readonly afterStart: string;
    readonly withdraw: string;
    readonly ours: (job: string) => string;
    readonly old: string;
    readonly again: string;
    readonly unusual: string;
    readonly pass: string;
    readonly sameFile: (by: string, at: string, state: string) => string;
    readonly sameFileLink: string;
  };
  readonly refused: {
    readonly heading: string;
    readonly toDo: string;
    readonly pass: string;
    readonly passed: string;
    readonly where: string;
    readonly what: string;
    readonly next: string;
    readonly readAs: string;
    /** Precedes a reason that exists in English only. */
    readonly settings: string;
  };
  readonly waiting: { readonly received: string; readonly asked: string; readonly close: string };
  readonly progress: {
    readonly heading: string;
    readonly done: (done: string, due: string) => string;
    readonly silent: string;
    readonly close: string;
  };
  readonly result: {
    readonly report: string;
    readonly files: string;
    readonly wholeIds: string;
    readonly forUploaders: string;
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
  /** Leads from a problem back to the page where it arose. */
  readonly again: string;
}

/** The reasons for which a request is refused, each with a text for its sender. */
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
  | 'several_files'
  | 'not_signed_in'
  /** The request names a person, but without the proof that the desk requires. */
  | 'not_believed'
  /** The person is known but has no role at the desk. */
  | 'no_role'
  /** The person's role does not allow the request. */
  | 'not_allowed'
  | 'no_email'
  | 'sign_in_failed'
  /** Nobody may decide about their own upload. */
  | 'own_upload'
  | 'no_reason'
  | 'no_result'
  | 'too_late'
  /** The file of the upload is gone or was changed. */
  | 'file_lost'
  | 'too_many_pages'
  | 'too_many'
  | 'no_ledger'
  | 'no_room'
  | 'fault';
