import type { BreakFigures } from '../domain/break.ts';
import { exitCodes } from '../domain/exit-code.ts';
import type { ProviderReconciliation } from '../run/reconcile-provider.ts';
import { formatBreakFigures } from './break-view.ts';

/** What a person reads at the end: who was asked for, the breaks by kind, what to do next. `program`: how to start us. */
export function formatProviderReconciliation(result: ProviderReconciliation, program: string): string {
  return [
    '\n',
    `${membersLine(result)}\n`,
    `${callsLine(result)}\n`,
    ...(result.breaks === null ? [] : ['\n', formatFigures(result.breaks), '\n']),
    `Exit ${result.exitCode}: ${result.reason}\n`,
    ...nextLine(result, program),
  ].join('');
}

function membersLine({ members, answered, unclear, sample, provider }: ProviderReconciliation): string {
  const who = sample === null ? 'every member in the ledger' : `a sample of ${sample}`;
  const left = members - answered - unclear;
  const parts = [
    `${answered} answered`,
    ...(unclear === 0 ? [] : [`${unclear} unclear`]),
    ...(left === 0 ? [] : [`${left} not asked for yet`]),
  ];
  return `Members at ${provider}: ${members} (${who}) · ${parts.join(' · ')}`;
}

function callsLine({ calls, perSecond }: ProviderReconciliation): string {
  return calls === 0 ? 'Inquiries: none' : `Inquiries: ${calls} · ${perSecond.toFixed(1)}/s`;
}

function formatFigures(breaks: readonly BreakFigures[]): string {
  return breaks.length === 0 ? 'No breaks: ledger and provider agree.\n' : formatBreakFigures(breaks);
}

function nextLine({ state, exitCode }: ProviderReconciliation, program: string): string[] {
  if (state === 'stopped') {
    return ['Next: give the same command again; it goes on where this one stopped, and asks nobody twice.\n'];
  }
  if (exitCode === exitCodes.unclear) {
    return ['Next: the same command begins anew; who stayed unclear is asked for again.\n'];
  }
  return exitCode === exitCodes.notEnrolled
    ? [`Next: ${program} explain USER_ID shows what we know of a member.\n`]
    : [];
}
