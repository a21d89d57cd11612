import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashOfSettings } from '../../config/run-settings.ts';
import { LONGEST_NOTE, tidyNote } from '../../domain/untrusted-text.ts';
import { approveUpload, declineUpload, type Decision } from '../../ledger/desk/approval-table.ts';
import { readOnceMore } from '../../ledger/desk/upload-plans.ts';
import { personOf } from '../sign-in/route-roles.ts';
import type { UploadPlanner } from '../uploads/upload-planner.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { fieldOf } from './desk-server.ts';
import { findUpload, pathOfUpload, type FoundUpload } from './shown-upload.ts';

const SHORTEST_REASON = 3;

/** What somebody decides about an upload of somebody else: each decides about the plan that their page showed. */
export function addApprovalRoutes(parts: DeskParts, planner: UploadPlanner): void {
  const { app, ledger, clock, checkToken, configure, asked } = parts;
  const options = { config: { role: 'approver' }, preHandler: checkToken } as const;
  const decisionOf = (request: FastifyRequest, { upload }: FoundUpload): Decision => {
    const by = personOf(request).name;
    if (by === upload.uploaded_by) throw new DeskProblemError('own_upload');
    const plannedAt = new Date(fieldOf(request.body, 'planned') ?? '');
    if (Number.isNaN(plannedAt.getTime())) throw new DeskProblemError('too_late');
    return { by, at: clock.now(), plannedAt };
  };
  app.post<{ Params: { id: string } }>('/uploads/:id/approve', options, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    const { upload } = found;
    const decision = decisionOf(request, found);
    const list = { job: upload.job, path: pathOfUpload(found), saidYes: upload.said_yes };
    const settings = hashOfSettings(await configure(list));
    if (await approveUpload(ledger, upload.id, { ...decision, settings })) asked();
    else if (upload.state === 'planned' && upload.settings_sha256 !== settings) {
      // What the page showed was found out under settings that are others now: it is shown anew, and decided anew.
      await readOnceMore(ledger, upload.id, false);
      planner.wake();
    } else throw new DeskProblemError('too_late');
    await backTo(found, reply);
  });
  app.post<{ Params: { id: string } }>('/uploads/:id/decline', options, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    const decision = decisionOf(request, found);
    const reason = tidyNote(fieldOf(request.body, 'reason') ?? '').slice(0, LONGEST_NOTE);
    if (reason.length < SHORTEST_REASON) throw new DeskProblemError('no_reason');
    const isDone = await declineUpload(ledger, found.upload.id, { ...decision, reason });
    if (!isDone) throw new DeskProblemError('too_late');
    await backTo(found, reply);
  });
}

async function backTo({ upload }: FoundUpload, reply: FastifyReply): Promise<void> {
  await reply.redirect(`/uploads/${upload.id}`, 303);
}
