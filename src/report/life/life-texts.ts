import type { Actor } from '../../domain/class.ts';

/** The texts about one record's next call and the rules behind its calls. The terminal and the pages share them. */
export interface LifeTexts {
  readonly next: {
    readonly underWay: string;
    readonly neverCalled: string;
    readonly enrolled: string;
    readonly settled: (who: {
      readonly by: string;
      readonly day: string;
      readonly note: string;
      readonly isCalled: boolean;
    }) => string;
    /** `nights` is the number of nights on which the record is called again at most. */
    readonly comesAgain: (nights: number, isCustomerFirst: boolean) => string;
    readonly nightsUsedUp: (nights: number) => string;
    readonly untilAsked: (what: string) => string;
    readonly refused: string;
    readonly toDo: (actor: Actor) => string;
  };
  readonly rule: {
    readonly notSent: string;
    readonly unanswered: string;
    readonly inquiry: string;
    readonly throttled: string;
    readonly serverError: (status: number) => string;
    readonly redirected: (status: number) => string;
    readonly refusedBefore: (status: number) => string;
    readonly noCode: string;
    readonly saysNothing: (status: number) => string;
    readonly held: (code: string) => string;
    readonly unknownCode: string;
    readonly onSisterCalls: (meaning: string) => string;
    readonly changed: string;
    readonly jobFile: string;
    readonly builtIn: string;
    readonly is: (code: string, name: string) => string;
  };
  readonly calls: (calls: number, unanswered: number, nights: number) => string;
}
