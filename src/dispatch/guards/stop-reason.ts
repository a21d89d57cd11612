import type { LimitCause, ProviderCause } from '../../domain/exit-cause.ts';
import { OvertakenError } from '../../ledger/ledger-port.ts';

/** Why the dispatch ended before the list did. */
export type StopReason =
  | { readonly kind: 'asked' }
  /** A guard, a limit or the call hours of the job. */
  | { readonly kind: 'limit'; readonly cause: LimitCause; readonly sentence: string }
  | { readonly kind: 'provider'; readonly cause: ProviderCause; readonly sentence: string }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'ledger'; readonly error: unknown };

/** In the order of the exit codes. */
export function badnessOf({ kind }: StopReason): number {
  switch (kind) {
    case 'limit':
      return 1;
    case 'asked':
      return 2;
    case 'provider':
      return 3;
    case 'overtaken':
    case 'ledger':
      return 4;
  }
}

/** Tells whether a guard stopped the run, and not a limit that ends any run at its time. */
export function isOfGuard(reason: StopReason): boolean {
  return (
    reason.kind === 'limit' &&
    ['canary', 'max_failures', 'unknown_codes', 'newly_failing'].includes(reason.cause)
  );
}

export function reasonOf(error: unknown): StopReason {
  return error instanceof OvertakenError ? { kind: 'overtaken' } : { kind: 'ledger', error };
}
