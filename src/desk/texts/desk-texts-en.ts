import type { DeskTexts } from './desk-texts.ts';

export const englishDeskTexts: DeskTexts = {
  title: 'Upload desk',
  otherLanguage: '한국어',
  onePerson:
    'This desk answers this computer alone: one person uploads and starts, and nobody else approves.',
  signIn: {
    as: 'Signed in as',
    out: 'Sign out',
    signedOut: 'You are signed out',
    signedOutMore:
      'This desk has forgotten your session. Your company’s sign-in may still know you: on a shared computer, sign out there too.',
    again: 'Sign in again',
  },
  sessions: {
    heading: 'Where you are signed in',
    about:
      'Each browser in which you signed in here has a session. If you do not know one of them, end it and tell operations.',
    begun: 'Signed in',
    seen: 'Last used',
    thisOne: 'This browser',
    end: 'End it',
    endAll: 'Sign out everywhere',
    provider: 'Your company’s sign-in has sessions of its own, which stay.',
  },
  approval: {
    heading: 'Approval',
    own: 'You uploaded this list. Somebody else has to approve it before anybody is called; until then you can withdraw it.',
    waits: 'Somebody with the role approver has to approve this list before anybody is called.',
    asks: 'Look at how the list was read and what would be called. You approve this file, under these settings, and at most these calls; where more would be called when it starts, you are asked again. It starts at once.',
    approve: (calls) => `Approve: ${calls} records to call`,
    approveNothing: 'Approve: nothing to call',
    reason: 'Why it is not approved',
    decline: 'Do not approve',
    by: 'Approved by',
    declined: (by) => `${by} did not approve this list, for this reason:`,
    voided: {
      more_calls:
        'An approval does not hold any more: other runs have changed the ledger since, and more records would be called. Nobody was called. This is what was approved, and what a run would do now:',
      settings:
        'An approval does not hold any more: the settings of this kind of upload have changed since. Nobody was called under the new ones.',
      plan_settings:
        'The settings of this kind of upload have changed since the list was read: this is what it would do now. Nobody was called.',
      expired: 'An approval is over: its run did not begin within 24 hours. Nobody was called.',
    },
    rows: 'Rows',
    before: 'Approved',
    after: 'Now',
  },
  skip: 'Skip to the content',
  uploadersDecide: 'Only people who may upload can decide what happens next.',
  uploads: {
    heading: 'Uploads',
    none: 'Nobody has uploaded a list yet.',
    new: 'Upload a list',
    file: 'List',
    kind: 'Kind',
    by: 'Uploaded by',
    at: 'Uploaded',
    state: 'State',
    more: (shown) => `The newest ${shown} uploads are shown.`,
  },
  facts: {
    heading: 'The upload',
    bytes: 'Size',
    bytesOf: (bytes) => `${bytes} bytes`,
    hash: 'SHA-256',
    run: 'Run',
  },
  states: {
    received: 'Being read',
    planned: 'Ready to start',
    refused: 'Refused',
    asked: 'Waiting for its turn',
    running: 'Running',
    ended: 'Ended',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
    declined: 'Not approved',
  },
  upload: {
    heading: 'Upload a list',
    kind: 'Kind of upload',
    file: 'List (CSV or Excel)',
    drop: 'Drop the file here, or choose it.',
    limits: (largest) => `At most ${largest}. Our own failed.xlsx, corrected, is uploaded in the same way.`,
    send: 'Upload',
    sending: 'Uploading…',
    after: 'Nobody is called yet: first you see how the list was read.',
  },
  plan: {
    heading: 'How the list was read',
    calls: 'What a run would do',
    toCall: 'To be called',
    start: (calls) => `Start: call ${calls} members`,
    startNothing: 'Start: nobody is called',
    afterStart: 'Nothing was called yet, and nothing of the list was kept but the file.',
    withdraw: 'Withdraw',
    ours: (job) =>
      `A list of ours, handed back: it runs as job ${job}, under the settings of the run it comes from.`,
    old: 'What the list would do was found out by another version of the program.',
    again: 'Read it again',
    unusual: 'The list is much larger or smaller than usual. Look at it before you let it pass.',
    pass: 'I have looked at it: it is right',
    sameFile: (by, at, state) =>
      `${by} uploaded the same file before, at ${at} (${state}). Started again, it may call again whoever is not enrolled.`,
    sameFileLink: 'See the earlier upload',
  },
  refused: {
    heading: 'The list was refused, and nobody was called',
    toDo: 'Correct the list and upload it again.',
    pass: 'I have looked at it: read it as it is',
    passed: 'If the list really is so, let it pass after a look at the place that is named.',
    where: 'Where',
    what: 'What is wrong',
    next: 'What to do',
    readAs: 'How it was read',
    settings: 'The settings of this kind of upload do not allow it. Tell operations what they say:',
  },
  waiting: {
    received: 'The list is being read. This page shows the result by itself.',
    asked: 'The run waits for its turn. It begins by itself.',
    close: 'You can close this page; the upload stays in the list of uploads.',
  },
  progress: {
    heading: 'The run is under way',
    done: (done, due) => `${done} of ${due} called`,
    silent:
      'No progress is reported yet. Usually the calls are being prepared, and it appears soon. Where the process has stopped, the next one goes on with a list uploaded here within a minute, and any other run goes on when its job is started again. Members that are done are not called again.',
    close: 'You can close this page; the run goes on.',
  },
  result: {
    report: 'Open the report',
    files: 'Files of the result',
    wholeIds:
      'These files hold whole user ids and PARs. Who takes one says what for; that is entered in the access log first.',
    forUploaders: 'These files hold whole user ids and PARs, so only people who may upload can take them.',
    file: 'File',
    reason: 'What it is needed for',
    reasonHelp: 'In a few words, such as: correct failures of November',
    download: 'Download',
    handBack:
      'Correct the rows in failed.xlsx, then upload that file here like any list: only its rows are called again.',
    goOn: 'Go on with it',
    goOnHelp: 'The run was stopped before its end. Members that are done are not called again.',
    noRun: 'No run came of it:',
    noFolder: 'The files of this run do not lie on this machine. Ask operations for them.',
    purged: 'The personal data was forgotten by age; the counts remain.',
    kinds: {
      'failed.xlsx': 'Failures, to correct in Excel',
      'failed.csv': 'Failures',
      'customers-to-call.csv': 'Members whose customer must act first',
      'data-to-correct.csv': 'Values to correct',
      'rejected.csv': 'Rejected, duplicate and disputed rows',
      'unprocessed.csv': 'Rows that were not called',
      'succeeded.csv': 'Enrolled members',
      'results.csv': 'All rows with their results',
      'report.xlsx': 'The report as an Excel workbook',
    },
  },
  withdrawn: 'The upload was withdrawn. Nobody was called.',
  expired: 'Nobody started it within a day, so what it would do may have changed. Read it again to go on.',
  problemHeading: 'That was not done',
  back: 'Back to the uploads',
  again: 'Back to the page',
  problems: {
    not_found: 'There is no such page, or no such upload.',
    wrong_host:
      'This desk answers only under the name of this computer: open it as http://127.0.0.1 or http://localhost with its port.',
    wrong_origin: 'The request did not come from a page of this desk, so it was not done.',
    old_page: 'The page was opened too long ago. Open it again and repeat what you did.',
    no_file: 'No file was chosen. Choose a list, then upload it.',
    empty_file: 'The file is empty: it has no bytes. Save the list again, then upload it.',
    no_kind: 'This kind of upload is not served here. Choose one of those offered.',
    too_large:
      'The file is larger than 200 MiB, so nothing of it was kept. Split the list, or ask operations to run it as a file.',
    several_files: 'Several files came at once, so none was kept. Upload one list after the other.',
    broken_upload: 'The upload broke off before its end, so nothing of it was kept. Upload the file again.',
    not_signed_in: 'You are not signed in, or you were away for too long. Open the page again and sign in.',
    not_believed:
      'The request names a person, and not in the way that was agreed, so it was refused. Operations find it in the log.',
    no_role:
      'We know who you are, but you have no role at this desk. Ask operations to enter your e-mail address as uploader, approver or viewer.',
    not_allowed:
      'Your role at this desk does not do that. Ask somebody who has the role, or ask operations for it.',
    no_email:
      'Your company’s sign-in tells no verified e-mail address for you, and the desk knows people by that. Tell operations.',
    sign_in_failed:
      'The sign-in did not come to its end: it took too long, or the company’s sign-in does not answer. Open the first page and sign in again; if it stays so, tell operations.',
    too_many: 'Too many people are signing in at the moment. Wait a minute and try again.',
    own_upload: 'You uploaded this list, so somebody else decides about it.',
    no_reason: 'Say in a few words what the file is needed for. Nothing was given out.',
    no_result: 'There is no such file on this machine.',
    file_lost:
      'The file on this machine is not what was uploaded, or not there any more, so the run does not go on. Upload the list again: members that are done are not called again.',
    too_late: 'That is not possible any more: the upload has moved on meanwhile. Look at where it stands.',
    too_many_pages: 'Too many pages follow runs at the moment. Reload the page to see how far it is.',
    no_ledger:
      'The ledger does not answer at the moment, so nothing was done. Try again in a minute; if it stays so, tell operations.',
    no_room:
      'The file could not be written here: the disk is full, or the folder is closed. Tell operations.',
    fault:
      'Something went wrong on our side. Nothing was called because of it. Tell operations; the log has the reason.',
  },
};
