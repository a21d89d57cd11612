import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { appendAudit, byPerson, type DeskPerson } from '../../ledger/desk/audit-trail.ts';
import { noteUpload, readUploads } from '../../ledger/desk/upload-table.ts';
import { forgetUploadFolder } from '../../service/uploads/upload-place.ts';
import { drawNewUploadPage } from '../pages/new-upload-page.ts';
import { drawUploadPage } from '../pages/upload-page.ts';
import { drawUploadsPage, MOST_UPLOADS } from '../pages/uploads-page.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { makeUploadFolder, shownNameOf, storedNameOf } from '../uploads/upload-folder.ts';
import type { UploadPlanner } from '../uploads/upload-planner.ts';
import type { DeskJob } from './desk-options.ts';
import { personOf, UPLOADER, VIEWER } from '../sign-in/route-roles.ts';
import { sendPage, type DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { uploadJobsOf } from './served-jobs.ts';
import { findUpload, readContent } from './shown-upload.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

/** Adds the pages that list uploads and show one, and the form that receives a file. */
export function addUploadRoutes(parts: DeskParts, planner: UploadPlanner): void {
  const { app, ledger, frameOf, checkToken } = parts;
  const jobs = uploadJobsOf(parts);
  const kinds = jobs.map(({ name }) => name);
  app.get('/', VIEWER, async (request, reply) => {
    const uploads = await readUploads(ledger, kinds, MOST_UPLOADS);
    await sendPage(reply, drawUploadsPage(frameOf(request, reply), uploads));
  });
  app.get('/uploads/new', UPLOADER, async (request, reply) => {
    await sendPage(reply, drawNewUploadPage(frameOf(request, reply), kinds));
  });
  app.get<{ Params: { id: string } }>('/uploads/:id', VIEWER, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    await sendPage(reply, drawUploadPage(frameOf(request, reply), await readContent(parts, found)));
  });
  const forms = new WeakMap<FastifyRequest, UploadForm>();
  app.post(
    '/uploads',
    {
      ...UPLOADER,
      preValidation: async (request) => {
        const form = await readUploadForm(request);
        forms.set(request, form);
        request.formToken = form.token;
      },
      preHandler: checkToken,
      // A refused upload is read to its end and dropped, because the browser shows the refusal only then.
      onError: async ({ raw }) => {
        raw.unpipe();
        raw.resume();
        return await Promise.resolve();
      },
    },
    async (request, reply) => {
      const form = forms.get(request);
      const job = jobs.find(({ name }) => name === form?.kind);
      if (form === undefined || job === undefined) throw new DeskProblemError('no_kind');
      const id = await keepUpload(parts, { job, form, by: personOf(request) });
      planner.wake();
      await reply.redirect(`/uploads/${id}`, 303);
    },
  );
}

/** Writes the file first and its row after it. Removes the file where either fails. */
async function keepUpload(
  { ledger, clock, me, signIn }: DeskParts,
  { job, form, by }: { readonly job: DeskJob; readonly form: UploadForm; readonly by: DeskPerson },
): Promise<string> {
  const { reportsDirectory } = job;
  const id = randomUUID();
  const fileName = shownNameOf(form.file.filename);
  const storedName = storedNameOf(fileName);
  try {
    const folder = await makeUploadFolder(reportsDirectory, id);
    const { bytes, sha256 } = await receiveFile(folder, storedName, form.bytes);
    // The parser cuts a file at its limit and reports that only here.
    if (form.file.file.truncated) throw new DeskProblemError('too_large');
    await form.end();
    if (bytes === 0) throw new DeskProblemError('empty_file');
    const at = clock.now();
    await ledger.transaction(async (transaction) => {
      await noteUpload(transaction, {
        id,
        job: job.name,
        fileName,
        storedName,
        sha256,
        bytes,
        by,
        at,
        needsApproval: signIn !== null,
        reportsDirectory,
        host: me.host,
      });
      // The detail leaves out the file's name, which may be a person's: the trail keeps every entry for two years.
      const detail = `${job.name}, SHA-256 ${sha256}`;
      await appendAudit(transaction, { at, ...byPerson(by), what: 'uploaded', uploadId: id, detail });
    });
  } catch (error) {
    await forgetUploadFolder(reportsDirectory, id);
    throw error;
  }
  return id;
}
