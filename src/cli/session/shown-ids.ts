import { maskedForm, wholeForm, type IdForm } from '../../domain/identity/id-form.ts';
import { maskKnownIds } from '../../domain/identity/masking.ts';
import { noteAccess } from '../../ledger/privacy/access-log-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';

const LONGEST_REASON = 500;

/** Masked, unless a person said why not. */
export function idFormOf(reason: string | null): IdForm {
  return reason === null ? maskedForm : wholeForm;
}

export interface ShowIdsArguments {
  readonly showIds?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** Returns why whole ids are asked for; null: they are masked. Throws UsageError. */
export function readReason(argv: ShowIdsArguments): string | null {
  const { showIds = false, reason } = argv;
  if (!showIds) {
    if (reason !== undefined) throw new UsageError('--reason goes with --show-ids');
    return null;
  }
  const said = (reason ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  if (said === '') {
    throw new UsageError('--show-ids: say why with --reason "…"; it is kept in the access log');
  }
  if (said.length > LONGEST_REASON) {
    throw new UsageError(`--reason: expected ${LONGEST_REASON} characters at most`);
  }
  return said;
}

export interface ShownIds {
  /** The command and the run or record it is about, without an id. */
  readonly what: string;
  readonly rows: number;
  readonly reason: string;
  /** The ids to be shown, which are masked where the reason repeats one. */
  readonly ids: readonly string[];
}

/**
 * Notes who is about to be shown whole ids. Call it before anything is printed: where it rejects, nothing may be
 * printed.
 */
export async function noteShown(
  ledger: Queryable,
  host: Host,
  { ids, what, rows, reason }: ShownIds,
): Promise<void> {
  await noteAccess(ledger, host.me, {
    at: host.clock.now(),
    action: 'shown',
    what,
    rows,
    reason: maskKnownIds(reason, ids),
  });
}
