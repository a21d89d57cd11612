import { hashOfSettings } from '../../config/run-settings.ts';
import type { ConfiguredList } from '../../config/configured-list.ts';
import { endBy, type ExitDecision } from '../../domain/exit-cause.ts';
import {
  APPROVAL_HOURS,
  findRunApproval,
  voidApproval,
  type PlanFigures,
  type RunApproval,
  type VoidedApproval,
} from '../../ledger/desk/approval-table.ts';
import { planLists } from '../../run/plan-list.ts';
import type { LockedEnvironment } from '../../run/run-environment.ts';

const HOUR_MS = 3_600_000;

/**
 * Plans an approved list again just before its run. Returns null where the approval holds or none is needed, else why
 * the run does not begin. The list then waits for an approval of its new plan.
 */
export async function checkApproval(
  environment: Pick<LockedEnvironment, 'ledger' | 'configuration' | 'clock'>,
  request: string,
  list: ConfiguredList,
): Promise<ExitDecision | null> {
  const { ledger, configuration, clock } = environment;
  const approval = await findRunApproval(ledger, request);
  if (approval === null) return null;
  const at = clock.now();
  const why = reasonBeforePlan(approval, hashOfSettings(configuration), at);
  // A run that has begun may finish. Its plan is not compared, because the records it has called are not due any more.
  if (why === null && approval.is_used) return null;
  const after = why === null ? await planAgain(environment, list) : null;
  if (why === null && (after === null || after.due <= approval.figures.due)) return null;
  const voided: VoidedApproval = { why: why ?? 'more_calls', before: approval.figures, after };
  await voidApproval(ledger, request, { at, voided });
  return endBy('list_refused', voidedWords(voided));
}

/** Returns null where only a new plan can tell. */
function reasonBeforePlan(
  { approved_at, approved_settings, is_used }: RunApproval,
  settings: string,
  now: Date,
): 'settings' | 'expired' | null {
  if (approved_settings !== settings) return 'settings';
  const isOld = now.getTime() - approved_at.getTime() > APPROVAL_HOURS * HOUR_MS;
  return isOld && !is_used ? 'expired' : null;
}

/** Returns null where the list is refused now; the run discovers that by itself. */
async function planAgain(
  { ledger, configuration, clock }: Pick<LockedEnvironment, 'ledger' | 'configuration' | 'clock'>,
  list: ConfiguredList,
): Promise<PlanFigures | null> {
  const [planned] = await planLists({ ledger, configuration, clock }, [list]);
  return planned?.kind === 'planned' ? { due: planned.plan.due, classes: planned.plan.classes } : null;
}

function voidedWords({ why, before, after }: VoidedApproval): string {
  switch (why) {
    case 'more_calls':
      return `${before.due} records to call were approved, and ${after?.due ?? 'more'} would be called now; somebody has to approve that`;
    case 'settings':
      return 'the settings of the job are not those that were approved; somebody has to approve the list under the new ones';
    case 'expired':
      return `nobody began within ${APPROVAL_HOURS} hours of the approval; somebody has to approve the list again`;
  }
}
