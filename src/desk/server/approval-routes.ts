import type { FastifyRequest } from 'fastify';
import { approveUpload, declineUpload, type Decision } from '../../ledger/desk/approval-table.ts';
import { readOnceMore, readUnderOtherSettings } from '../../ledger/desk/upload-plans.ts';
import { mayDecide } from '../../ledger/desk/upload-table.ts';
import { personOf } from '../sign-in/route-roles.ts';
import type { UploadPlanner } from '../uploads/upload-planner.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { fieldOf, reasonOf } from './desk-server.ts';
import { backTo, findUpload, isFileLost, settingsOfRun, type FoundUpload } from './shown-upload.ts';

/**
 * Adds the routes by which an approver approves or declines another person's upload. A decision counts only for the plan
 * that the approver's page showed.
 */
export function addApprovalRoutes(parts: DeskParts, planner: UploadPlanner): void {
  const { app, ledger, clock, checkToken, asked } = parts;
  const options = { config: { role: 'approver' }, preHandler: checkToken } as const;
  const decisionOf = async (request: FastifyRequest, { upload }: FoundUpload): Promise<Decision> => {
    const by = personOf(request);
    if (!mayDecide(upload, by)) {
      await parts.trail.refused(by, 'decide about their own upload', upload.id);
      throw new DeskProblemError('own_upload');
    }
    const plannedAt = new Date(fieldOf(request.body, 'planned') ?? '');
    if (Number.isNaN(plannedAt.getTime())) throw new DeskProblemError('too_late');
    return { by, at: clock.now(), plannedAt };
  };
  const approve = async (found: FoundUpload, decision: Decision): Promise<void> => {
    const { id, state, settings_sha256: planned } = found.upload;
    if (state === 'planned' && (await isFileLost(parts, found))) {
      // Reading the list again refuses it, and the upload's page says why.
      await readOnceMore(ledger, id, { ...decision, why: 'file_lost' });
      planner.wake();
      return;
    }
    const settings = await settingsOfRun(parts, found);
    if (await approveUpload(ledger, id, { ...decision, settings })) asked();
    else if (state === 'planned' && planned !== settings) {
      // The settings have changed since the plan was made, so the list is planned again and the approver decides about
      // the new plan.
      await readUnderOtherSettings(ledger, id, { ...decision, settings });
      planner.wake();
    } else throw new DeskProblemError('too_late');
  };
  app.post<{ Params: { id: string } }>('/uploads/:id/approve', options, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    const decision = await decisionOf(request, found);
    await approve(found, decision);
    await backTo(found, reply);
  });
  app.post<{ Params: { id: string } }>('/uploads/:id/decline', options, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    const decision = await decisionOf(request, found);
    const reason = reasonOf(request.body);
    const isDone = await declineUpload(ledger, found.upload.id, { ...decision, reason });
    if (!isDone) throw new DeskProblemError('too_late');
    await backTo(found, reply);
  });
}
