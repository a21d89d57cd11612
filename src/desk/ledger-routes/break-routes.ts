import { maskKnownIds } from '../../domain/identity/masking.ts';
import { nightOf } from '../../domain/night.ts';
import { breakKinds, type BreakKind } from '../../domain/reconciliation/break.ts';
import { LONGEST_NOTE, tidyNote } from '../../domain/untrusted-text.ts';
import { countSeenBreaks, readSeenBreaks, type SeenBreaks } from '../../ledger/breaks/break-pages.ts';
import { explainBreak, readBreaksByNumber, type BreakRow } from '../../ledger/breaks/break-table.ts';
import { appendAudit, byPerson, type DeskPerson } from '../../ledger/desk/audit-trail.ts';
import { idsOfBreak } from '../../report/breaks/break-ids.ts';
import { drawBreakPage } from '../pages/break-page.ts';
import { BREAKS_A_PAGE, drawBreaksOfKindPage, drawBreaksPage } from '../pages/breaks-page.ts';
import { personOf, UPLOADER, VIEWER } from '../sign-in/route-roles.ts';
import { sendPage, type DeskParts } from '../server/desk-parts.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import { fieldOf } from '../server/desk-server.ts';
import { numberOf } from './page-number.ts';
import { servedProvidersOf } from '../server/served-jobs.ts';

/** Adds the pages that count, list and show the breaks of the served jobs, and the form that settles a break. */
export function addBreakRoutes(parts: DeskParts): void {
  const { app, ledger, clock, jobs, frameOf, checkToken } = parts;
  const seen = { providers: servedProvidersOf(parts), jobs: jobs.map(({ name }) => name) };
  const tonight = (): string => nightOf(clock.now(), jobs[0]?.timeZone ?? 'UTC');
  app.get('/breaks', VIEWER, async (request, reply) => {
    const counted = await countSeenBreaks(ledger, seen);
    await sendPage(reply, drawBreaksPage(frameOf(request, reply), counted, tonight()));
  });
  app.get<{ Params: { what: string }; Querystring: { after?: string } }>(
    '/breaks/:what',
    VIEWER,
    async (request, reply) => {
      const { what } = request.params;
      const kind = kindOf(what);
      if (kind === null) {
        const found = await findSeen(parts, seen, what);
        await sendPage(reply, drawBreakPage(frameOf(request, reply), found, { hasNoNote: false }));
        return;
      }
      const after = numberOf(request.query.after) ?? 0;
      const found = await readSeenBreaks(ledger, seen, { kind, after, most: BREAKS_A_PAGE + 1 });
      await sendPage(reply, drawBreaksOfKindPage(frameOf(request, reply), { kind, found, after }, tonight()));
    },
  );
  app.post<{ Params: { what: string } }>(
    '/breaks/:what',
    { ...UPLOADER, preHandler: checkToken },
    async (request, reply) => {
      const found = await findSeen(parts, seen, request.params.what);
      const note = Array.from(tidyNote(fieldOf(request.body, 'note') ?? ''))
        .slice(0, LONGEST_NOTE)
        .join('');
      if (note === '') {
        await sendPage(reply, drawBreakPage(frameOf(request, reply), found, { hasNoNote: true }));
        return;
      }
      await settle(parts, found, { note, by: personOf(request) });
      await reply.redirect(`/breaks/${found.break_no}`, 303);
    },
  );
}

/** Settles a break as `resolve break:N` does, and adds an entry to the desk's audit trail. */
async function settle(
  { ledger, clock }: DeskParts,
  found: BreakRow,
  { note, by }: { readonly note: string; readonly by: DeskPerson },
): Promise<void> {
  const at = clock.now();
  await ledger.transaction(async (transaction) => {
    const explained = await explainBreak(transaction, found.break_no, { by: by.name, note, at });
    if (explained?.state !== 'explained') return;
    const detail = `break ${found.break_no}: ${maskKnownIds(note, idsOfBreak(found))}`;
    await appendAudit(transaction, { at, ...byPerson(by), what: 'settled', detail });
  });
}

function kindOf(what: string): BreakKind | null {
  return breakKinds.find((kind) => kind === what) ?? null;
}

/** Rejects with DeskProblemError where no break has this number, or where it may not be seen here. */
async function findSeen(
  { ledger }: DeskParts,
  { providers, jobs }: SeenBreaks,
  no: string,
): Promise<BreakRow> {
  const number = numberOf(no);
  const [found] = number === null ? [] : await readBreaksByNumber(ledger, [number]);
  const isSeen =
    found !== undefined &&
    providers.includes(found.provider) &&
    (found.job === null || jobs.includes(found.job));
  if (!isSeen) throw new DeskProblemError('not_found');
  return found;
}
