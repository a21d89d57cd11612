/** The texts of pages about the ledger, except those that the reports share. */
export interface LedgerTexts {
  readonly navigation: {
    readonly label: string;
    readonly runs: string;
    readonly search: string;
    readonly breaks: string;
  };
  readonly runs: {
    readonly heading: string;
    readonly none: string;
    readonly noOlder: string;
    readonly began: string;
    readonly ended: string;
    readonly underWay: string;
    readonly older: string;
    readonly newest: string;
    readonly back: string;
  };
  readonly run: {
    readonly soFar: string;
    readonly results: (done: string, rows: string) => string;
    readonly lookAgain: string;
    readonly brokenNow: string;
    readonly unproved: string;
    readonly folder: string;
    readonly lookUp: string;
  };
  readonly rejected: {
    readonly heading: (list: string) => string;
    readonly all: (rows: string) => string;
    readonly noMore: string;
    readonly line: string;
    readonly column: string;
    readonly wrong: string;
    readonly whole: string;
    readonly first: string;
    readonly more: string;
    readonly back: string;
    readonly correct: string;
  };
  readonly search: {
    readonly heading: string;
    readonly what: string;
    readonly hint: string;
    readonly find: string;
    readonly another: string;
    readonly unknown: (shown: string) => string;
    readonly unknownLine: string;
    readonly unknownRun: string;
    readonly toTry: readonly string[];
    readonly several: (count: string) => string;
    readonly show: string;
    readonly purged: (day: string) => string;
    readonly noRecord: string;
  };
  readonly breaks: {
    readonly heading: string;
    readonly open: string;
    readonly none: string;
    readonly noMore: string;
    readonly more: string;
    readonly first: string;
    readonly number: string;
    readonly one: (number: string) => string;
    readonly otherMember: string;
    readonly enrolledWith: string;
    readonly nowEnrolledWith: string;
    readonly details: string;
    readonly age: string;
    readonly gone: string;
    readonly explained: (by: string, at: string) => string;
    readonly forgotten: string;
    readonly settle: string;
    readonly note: string;
    readonly noteHint: string;
    readonly noNote: string;
    readonly keep: string;
    readonly anew: string;
    readonly back: string;
  };
  readonly record: {
    readonly heading: string;
    readonly member: string;
    readonly now: string;
    readonly calls: string;
    readonly next: string;
    readonly neverCalled: string;
    readonly rows: string;
    readonly noRows: string;
    readonly line: string;
    readonly kept: string;
    readonly callList: string;
    readonly noCalls: string;
    readonly at: string;
    readonly answer: string;
    readonly noAnswer: string;
    readonly inquiry: string;
    readonly rule: string;
    readonly wrote: string;
    readonly settled: string;
    readonly by: (by: string, at: string) => string;
    readonly inForce: string;
    readonly ended: string;
    readonly breaks: string;
    readonly firstNight: string;
    readonly masked: string;
  };
}
