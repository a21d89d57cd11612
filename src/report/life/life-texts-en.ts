import type { Actor } from '../../domain/class.ts';
import type { LifeTexts } from './life-texts.ts';

export const englishLifeTexts: LifeTexts = {
  next: {
    underWay: 'a call is under way; where its process died, the next run calls again',
    neverCalled: 'the next run of a list that holds it calls it',
    enrolled: 'nothing: it is enrolled, and lists cost it no call',
    settled: ({ by, day, note, isCalled }) =>
      `settled by ${by} on ${day}: ${note} (${isCalled ? 'lists call it again' : 'no list calls it'}, and nobody must act until its class or code changes)`,
    comesAgain: (nights, isCustomerFirst) => {
      const times = nights === 1 ? 'on 1 more night' : `on up to ${nights} more nights`;
      return isCustomerFirst
        ? `the customer must act; the next list of another night calls it again, ${times}`
        : `the next list calls it again, ${times}`;
    },
    nightsUsedUp: (nights) =>
      `it came again for ${nights} nights and no list calls it any more: operations find out why, then retry names it`,
    untilAsked: (what) => `no list calls it until it is asked for: ${what}`,
    refused: 'operations find out which gateway or firewall refuses it, and why, then retry names it',
    toDo,
  },
  rule: {
    notSent: 'not sent: surely not processed',
    unanswered: 'no answer: the call may have taken effect',
    inquiry: 'an inquiry: only what it finds counts',
    throttled: 'HTTP 429: not processed, whatever the body says',
    serverError: (status) => `HTTP ${status}: may have taken effect, whatever the body says`,
    redirected: (status) => `HTTP ${status}: never followed, the run stops`,
    refusedBefore: (status) => `HTTP ${status}: refused before the provider, says nothing of the record`,
    noCode: 'no readable code: the call may have taken effect',
    saysNothing: (status) => `HTTP ${status}: says nothing of the record`,
    held: (code) => `${code} where our set-up was not proved: says nothing of the record`,
    unknownCode: 'a code that no rule knows',
    onSisterCalls: (meaning) => `(on sister calls: ${meaning})`,
    changed: 'a rule that has changed since, or does not hold for this status',
    jobFile: "the job file's",
    builtIn: 'built in',
    is: (code, name) => `${code} is ${name}`,
  },
  calls: (calls, unanswered, nights) => {
    const silent = unanswered > 0 ? `, ${unanswered} without an answer` : '';
    const again = nights === 0 ? '' : `, came again for ${nights} ${nights === 1 ? 'night' : 'nights'}`;
    return `${calls}${silent}${again}`;
  },
};

function toDo(actor: Actor): string {
  if (actor === 'list_owner') return 'the list owner corrects its data in failed.csv and hands that back';
  if (actor === 'developer') return 'a developer gives the code a class in outcomes, then retry --code';
  return 'operations find out whose card it is, then retry names it, or resolve settles it';
}
