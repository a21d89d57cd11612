import { readRunsBefore } from '../../ledger/runs/run-choice.ts';
import { readRejectedRowsAfter } from '../../ledger/runs/reported-rows.ts';
import { namesIn } from '../../report/folder/folder-files.ts';
import { drawRejectedPage, REJECTED_A_PAGE } from '../pages/rejected-page.ts';
import { drawRunPage } from '../pages/run-page.ts';
import { drawRunsPage, RUNS_A_PAGE } from '../pages/runs-page.ts';
import { VIEWER } from '../sign-in/route-roles.ts';
import { sendPage, type DeskParts } from '../server/desk-parts.ts';
import { numberOf } from './page-number.ts';
import { findServedRun, folderOfRun, servedJobOf, servedJobsOf } from '../server/served-jobs.ts';

/** Adds the pages that list the runs of the served jobs and show one of them. */
export function addRunRoutes(parts: DeskParts): void {
  const { app, ledger, stories, frameOf } = parts;
  const served = servedJobsOf(parts);
  app.get<{ Querystring: { before?: string } }>('/runs', VIEWER, async (request, reply) => {
    const before = numberOf(request.query.before);
    // One run more than a page shows tells whether there are older ones.
    const runs = await readRunsBefore(ledger, served, { before, most: RUNS_A_PAGE + 1 });
    await sendPage(reply, drawRunsPage(frameOf(request, reply), runs, before !== null));
  });
  app.get<{ Params: { id: string }; Querystring: { after?: string } }>(
    '/runs/:id/rejected',
    VIEWER,
    async (request, reply) => {
      const run = await findServedRun(parts, request.params.id);
      const after = numberOf(request.query.after) ?? 0;
      const rows = await readRejectedRowsAfter(ledger, run.run_no, { after, most: REJECTED_A_PAGE + 1 });
      await sendPage(reply, drawRejectedPage(frameOf(request, reply), run, { rows, after }));
    },
  );
  app.get<{ Params: { id: string } }>('/runs/:id', VIEWER, async (request, reply) => {
    const run = await findServedRun(parts, request.params.id);
    const told = await stories.find(run);
    const hasEnded = told?.story.kind === 'ended';
    const files = hasEnded ? await namesIn(folderOfRun(parts, run)) : null;
    const figures = hasEnded ? null : await parts.figuresOf(run.id);
    const handsBack = servedJobOf(parts, run)?.takesUploads === true;
    await sendPage(reply, drawRunPage(frameOf(request, reply), run, { told, figures, files, handsBack }));
  });
}
