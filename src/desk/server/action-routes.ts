import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';
import { appendAudit, byPerson, type DeskPerson } from '../../ledger/desk/audit-trail.ts';
import { readOnceMore, readUnderOtherSettings, type AnotherReading } from '../../ledger/desk/upload-plans.ts';
import { askForRun, withdrawUpload } from '../../ledger/desk/upload-requests.ts';
import { isUploader } from '../../ledger/desk/upload-table.ts';
import { personOf } from '../sign-in/route-roles.ts';
import type { UploadPlanner } from '../uploads/upload-planner.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { backTo, findUpload, isFileLost, settingsOfRun, type FoundUpload } from './shown-upload.ts';

interface Action {
  readonly role: DeskRole;
  readonly act: (found: FoundUpload, by: DeskPerson) => Promise<void>;
}

/** Adds a route for each decision a person can make about an upload. Each leads back to the upload's page. */
export function addActionRoutes(parts: DeskParts, planner: UploadPlanner): void {
  const { app, checkToken } = parts;
  for (const [name, { role, act }] of Object.entries(createActions(parts, planner))) {
    app.post<{ Params: { id: string } }>(
      `/uploads/:id/${name}`,
      { config: { role }, preHandler: checkToken },
      async (request, reply) => {
        const found = await findUpload(parts, request.params.id);
        await act(found, personOf(request));
        await backTo(found, reply);
      },
    );
  }
}

function createActions(parts: DeskParts, planner: UploadPlanner): Readonly<Record<string, Action>> {
  const { ledger, clock } = parts;
  const readAgain = async (
    { upload }: FoundUpload,
    by: DeskPerson,
    why: AnotherReading['why'],
  ): Promise<void> => {
    await readOnceMore(ledger, upload.id, { by, at: clock.now(), why });
    planner.wake();
  };
  return {
    again: { role: 'uploader', act: async (found, by) => await readAgain(found, by, 'wanted') },
    pass: { role: 'uploader', act: async (found, by) => await readAgain(found, by, 'let_pass') },
    withdraw: {
      role: 'uploader',
      act: async ({ upload }, by) => {
        // Only the person who uploaded a list may withdraw it where it needs an approval.
        if (upload.needs_approval && !isUploader(upload, by)) {
          await parts.trail.refused(by, 'withdraw another person’s upload', upload.id);
          throw new DeskProblemError('not_allowed');
        }
        const at = clock.now();
        const isDone = await ledger.transaction(async (transaction) => {
          const withdrawn = await withdrawUpload(transaction, upload.id);
          if (withdrawn)
            await appendAudit(transaction, { at, ...byPerson(by), what: 'withdrawn', uploadId: upload.id });
          return withdrawn;
        });
        if (!isDone) throw new DeskProblemError('too_late');
      },
    },
    start: {
      role: 'uploader',
      act: async (found, by) => {
        const { id, state, needs_approval: needsApproval } = found.upload;
        const isOpen = state === 'planned' && !needsApproval;
        if (await isFileLost(parts, found)) {
          if (!isOpen) throw new DeskProblemError('file_lost');
          // Reading the list again refuses it, and the upload's page says why.
          await readAgain(found, by, 'file_lost');
          return;
        }
        const settings = await settingsOfRun(parts, found);
        if (await askForRun(ledger, id, { by, at: clock.now(), settings })) parts.asked();
        else if (isOpen) {
          await readUnderOtherSettings(ledger, id, { by, at: clock.now(), settings });
          planner.wake();
        } else throw new DeskProblemError('too_late');
      },
    },
  };
}
