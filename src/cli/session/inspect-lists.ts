import type { ConfiguredList } from '../../config/configured-list.ts';
import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Clock } from '../../domain/clock.ts';
import { doubt, fine, type Finding } from '../../domain/setup/finding.ts';
import { inspectList } from '../../intake/inspect-list.ts';
import { locationOf } from '../../run/start/list-location.ts';
import { inspectInbox } from '../../service/inbox/inspect-inbox.ts';

/** Checks the lists of a job: opens each and finds its columns. For an inbox, the lists that are ready in it now. */
export async function inspectLists(
  { lists: found, listOptions }: SetUp,
  clock: Clock,
): Promise<readonly Finding[]> {
  if (found === null || listOptions === null) return [];
  const inspect = async (list: ConfiguredList): Promise<Finding> =>
    list.kind === 'standard_input'
      ? fine('list', 'comes by standard input, which is not looked at')
      : await inspectList(locationOf(list), listOptions);
  const { inbox, lists } = found;
  if (inbox === null) return await inspectEach(lists, inspect);
  const { findings, ready } = await inspectInbox(inbox.folder, { clock, me: process.geteuid?.() ?? null });
  const files = ready.map(({ path }): ConfiguredList => ({ kind: 'file', path, sheet: inbox.sheet }));
  // Whoever put the list there is told what is wrong with it; other lists can still run.
  const ofFiles = await inspectEach(files, inspect);
  return [
    ...findings,
    ...ofFiles.map((finding) =>
      finding.level === 'fail' ? doubt(finding.about, finding.what, finding.cure) : finding,
    ),
  ];
}

/** Inspects one list after the other, because a glob may have hundreds. */
async function inspectEach(
  lists: readonly ConfiguredList[],
  inspect: (list: ConfiguredList) => Promise<Finding>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const list of lists) findings.push(await inspect(list));
  return findings;
}
