/** What pages about the ledger say beyond the words of the reports. */
export interface LedgerTexts {
  readonly navigation: { readonly label: string; readonly runs: string };
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
  };
}
