import type { Actor, RowClass } from './class.ts';

/** Rows of one class of a run on which the same actor must act. */
export interface Work {
  readonly class: RowClass;
  readonly actor: Actor;
  readonly rows: number;
  /** The rows came again until their nights were used up. */
  readonly nightsUsedUp: boolean;
  /** A person has settled the rows. */
  readonly isSettled: boolean;
}

/** The actors who can be asked to act, in the order people read them. */
export const neededActors = ['customer', 'list_owner', 'operations', 'developer'] as const satisfies Actor[];

export type Needed = (typeof neededActors)[number];

/** On how many rows each must act. */
export type Needs = Readonly<Record<Needed, number>>;

/** One who must act: on rows, because of how the run ended, or both. */
export interface Need {
  readonly actor: Needed;
  readonly becauseOfEnd: boolean;
  readonly rows: number;
}

/** Who must act, in the order people read them. `forEnd`: whom the end itself asks; null: nobody. */
export function listNeeds(work: readonly Work[], forEnd: Needed | null): Need[] {
  const needs = needsOf(work);
  return neededActors.flatMap((actor) => {
    const becauseOfEnd = actor === forEnd;
    return becauseOfEnd || needs[actor] > 0 ? [{ actor, becauseOfEnd, rows: needs[actor] }] : [];
  });
}

export function needsOf(work: readonly Work[]): Needs {
  const rowsOf = (actor: Actor): number =>
    work.filter((one) => one.actor === actor).reduce((sum, { rows }) => sum + rows, 0);
  return {
    customer: rowsOf('customer'),
    list_owner: rowsOf('list_owner'),
    operations: rowsOf('operations'),
    developer: rowsOf('developer'),
  };
}
