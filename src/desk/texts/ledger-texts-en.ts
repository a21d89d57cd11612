import type { LedgerTexts } from './ledger-texts.ts';

export const englishLedgerTexts: LedgerTexts = {
  navigation: { label: 'Parts of the desk', runs: 'Runs' },
  runs: {
    heading: 'Runs',
    none: 'No run of the jobs served here has begun yet.',
    noOlder: 'There are no older runs.',
    began: 'Began',
    ended: 'Ended',
    underWay: 'not ended',
    older: 'Older runs',
    newest: 'Newest runs',
    back: 'Back to the runs',
  },
  run: {
    soFar: 'Where it stands',
    results: (done, rows) => `${done} of ${rows} rows have a result so far.`,
    lookAgain: 'Look again',
    brokenNow: 'The totals were proved anew for this page, and do not agree:',
    unproved: 'Not proved, and no fault:',
    folder: 'The totals were proved anew for this page. The files of the run are checked by report --verify.',
  },
};
