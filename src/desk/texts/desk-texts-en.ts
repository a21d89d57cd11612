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
  skip: 'Skip to the content',
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
  facts: { bytes: 'Size', hash: 'SHA-256' },
  states: {
    received: 'Being read',
    planned: 'Ready to start',
    refused: 'Refused',
    asked: 'Waiting for its turn',
    running: 'Running',
    ended: 'Ended',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
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
  problemHeading: 'That was not done',
  back: 'Back to the uploads',
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
    no_ledger:
      'The ledger does not answer at the moment, so nothing was done. Try again in a minute; if it stays so, tell operations.',
    no_room:
      'The file could not be written here: the disk is full, or the folder is closed. Tell operations.',
    fault:
      'Something went wrong on our side. Nothing was called because of it. Tell operations; the log has the reason.',
  },
};
