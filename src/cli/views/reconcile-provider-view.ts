import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { ProviderReconciliation } from '../../run/members/reconcile-provider.ts';
import type { WrittenBreakLists } from '../../report/breaks/break-lists.ts';
import { breakListLines, formatBreakFigures, nextBreakLines, openBreakLines } from './break-view.ts';

/**
 * Returns what a person reads at the end: who was asked for, the breaks by kind, what to do next. `program`: how to
 * start the program.
 */
export function formatProviderReconciliation(
  result: ProviderReconciliation,
  lists: WrittenBreakLists | null,
  program: string,
): string {
  return [
    '\n',
    `${membersLine(result)}\n`,
    `${callsLine(result)}\n`,
    ...breakLines(result),
    ...breakListLines(lists),
    '\n',
    `Exit ${result.exitCode}: ${cleanUntrustedText(result.reason)}\n`,
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
  return `Members at ${cleanUntrustedText(provider)}: ${members} (${who}) · ${parts.join(' · ')}`;
}

function callsLine({ calls, perSecond }: ProviderReconciliation): string {
  return calls === 0 ? 'Inquiries: none' : `Inquiries: ${calls} · ${perSecond.toFixed(1)}/s`;
}

function breakLines({ breaks, first }: ProviderReconciliation): string[] {
  if (breaks === null) return [];
  if (breaks.length === 0) return ['\n', 'No breaks: ledger and provider agree.\n'];
  return ['\n', formatBreakFigures(breaks), ...openBreakLines(breaks, first)];
}

function nextLine({ state, unclear, breaks, first }: ProviderReconciliation, program: string): string[] {
  if (state === 'stopped') {
    return [
      'Next: give the same command again; it continues where this one stopped, and asks for no member twice.\n',
    ];
  }
  const again =
    unclear === 0
      ? []
      : ['Members who stayed unclear are asked for again when the same command starts again.\n'];
  return [...again, ...nextBreakLines(breaks ?? [], first, program)];
}
