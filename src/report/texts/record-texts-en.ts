import type { RecordTexts } from './record-texts.ts';

const NOTHING = 'Nothing to do.';

export const englishRecordTexts: RecordTexts = {
  language: 'en',
  classes: {
    enrolled: { name: 'Enrolled', meaning: 'Auto-recharge was switched on by this run.', toDo: NOTHING },
    recovered: {
      name: 'Enrolled (recovered)',
      meaning: 'An earlier call of ours had gone unanswered; the provider now says that it worked.',
      toDo: NOTHING,
    },
    already_active: {
      name: 'Already active',
      meaning: 'The provider says that auto-recharge was on before our first call.',
      toDo: NOTHING,
    },
    already_done: {
      name: 'Done before',
      meaning: 'Held as enrolled from an earlier run; not called again.',
      toDo: NOTHING,
    },
    action_required: {
      name: 'Customer must act',
      meaning: 'Terms not accepted, no bank account registered, or the card is not active.',
      toDo: 'Ask the customer to do what the code says; the record comes again by itself on later nights.',
    },
    bad_data: {
      name: 'Wrong data',
      meaning: 'The provider knows no such active PAR, or refuses the values.',
      toDo: 'Correct user id or PAR in failed.xlsx and hand it back as a list.',
    },
    conflict: {
      name: 'Conflict',
      meaning: "A plan is already set for this PAR, perhaps another member's or one of another kind.",
      toDo: 'Find out with the provider whose plan it is, then retry or settle it with a note.',
    },
    unknown_code: {
      name: 'Unknown code',
      meaning: 'The provider answered with a code that is not in our table.',
      toDo: 'Ask the provider what the code means and give it a class in the job file.',
    },
    ambiguous: {
      name: 'Unclear',
      meaning: 'The call may have worked: no complete answer came back.',
      toDo: 'It is called again automatically; the provider then says whether it worked.',
    },
    transient: {
      name: 'Failed for now',
      meaning: 'The call was certainly not processed.',
      toDo: 'It is called again automatically.',
    },
    rejected: {
      name: 'Rejected row',
      meaning: 'The row itself is not valid; nobody was called for it.',
      toDo: 'Correct the row in the list, as its message says, and send it again.',
    },
    duplicate: {
      name: 'Duplicate row',
      meaning: 'The same record stands earlier in the list; that row counts.',
      toDo: NOTHING,
    },
    disputed: {
      name: 'Disputed PAR',
      meaning:
        'One PAR stands with several user ids in the list, or in lists that were started together, so none of them was sent.',
      toDo: 'Find out whose card it is and leave only that row in the list.',
    },
    unprocessed: {
      name: 'No result yet',
      meaning: 'The run ended before this row had a result.',
      toDo: 'Start the same command again; it goes on from here.',
    },
  },
  actors: {
    nobody: 'nobody',
    customer: 'customer',
    list_owner: 'list owner',
    operations: 'operations',
    developer: 'developer',
  },
  onceMended: 'nobody, once the cause of the stop is removed',
  unknownCode: "Not in the provider's documents",
  onSisterCalls: ({ en }) => `on sister calls: ${en}`,
  classGivers: {
    job_file: 'class given by outcomes in the job file',
    former_rule:
      'held as success by an older rule in outcomes that is no longer allowed: the provider documents the code as a failure',
  },
  reasons: {
    user_id_missing: 'The user id is missing',
    user_id_format: 'The user id is not made of digits',
    user_id_zero: 'The user id is zero',
    user_id_length: 'The user id has more than 19 digits',
    user_id_error: 'The cell of the user id holds an Excel error',
    par_missing: 'The PAR is missing',
    par_length: 'The PAR does not have 27 characters',
    par_lower_case: 'The PAR has lower-case letters',
    par_format: 'The PAR has characters other than A-Z and 0-9',
    par_error: 'The cell of the PAR holds an Excel error',
    cells: 'The row has more or fewer cells than the header',
    heading: 'Words without ids, like a heading between members',
  },
  breakKinds: {
    not_enrolled: {
      name: 'In the list, not enrolled',
      meaning: 'The list names the record, but the ledger does not hold it as enrolled.',
      toDo: 'See its class: customer, list owner or operations must act.',
    },
    no_longer_listed: {
      name: 'Enrolled, no longer in the list',
      meaning: 'The record was enrolled by an earlier list but is not in this one.',
      toDo: 'Ask the list owner whether the member has left.',
    },
    par_changed: {
      name: 'PAR changed',
      meaning: 'The list names another PAR for the member than the one enrolled.',
      toDo: 'Check that the member has a new card, and what becomes of the plan on the old one.',
    },
    old_card: {
      name: 'Old card, another is enrolled now',
      meaning: 'The card is no longer in the list; a newer card of the member is, and it is enrolled.',
      toDo: 'Have the plan on the old card switched off at the provider, or explain the break.',
    },
    unknown_to_us: {
      name: 'At the provider, unknown to us',
      meaning: "The PAR is among the member's plans, but the ledger holds no success for it.",
      toDo: 'Find out who registered it; enrol it by a list if it is ours.',
    },
    missing_at_provider: {
      name: 'Success for us, missing there',
      meaning: "The ledger holds the record as enrolled, but the PAR is not among the member's plans.",
      toDo: 'Ask the provider; call it again with --again if the plan was lost.',
    },
    other_member: {
      name: 'Registered under another member',
      meaning: 'The PAR is among the plans of another member than ours.',
      toDo: 'Find out with the provider whose card it is.',
    },
  },
  breakStates: { open: 'open', explained: 'explained', closed: 'closed' },
  ages: {
    '0': 'tonight',
    '1-2': '1 to 2 nights',
    '3-7': '3 to 7 nights',
    '8-30': '8 to 30 nights',
    '31+': 'more than 30 nights',
  },
};
