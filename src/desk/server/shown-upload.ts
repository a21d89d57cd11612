import type { FastifyReply } from 'fastify';
import { join } from 'node:path';
import { hashOfSettings } from '../../config/run-settings.ts';
import { findSameFile, readUpload, type UploadRow } from '../../ledger/desk/upload-table.ts';
import { namesIn } from '../../report/folder/folder-files.ts';
import { lookAtFile, pathOfFile } from '../../service/uploads/uploaded-file.ts';
import type { UploadContent } from '../pages/upload-page.ts';
import { readResult } from '../uploads/read-result.ts';
import type { DeskJob, DeskOptions, LiveFigures } from './desk-options.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { uploadJobsOf } from './served-jobs.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An upload, and the job it was uploaded for. */
export interface FoundUpload {
  readonly upload: UploadRow;
  readonly job: DeskJob;
}

/** Rejects with DeskProblemError where no upload has this id, or where its job takes no uploads here. */
export async function findUpload(options: DeskOptions, id: string): Promise<FoundUpload> {
  const upload = UUID.test(id) ? await readUpload(options.ledger, id) : null;
  const job = uploadJobsOf(options).find(({ name }) => name === upload?.job);
  if (upload === null || job === undefined) throw new DeskProblemError('not_found');
  return { upload, job };
}

/** Returns the SHA-256 of the settings that a run of the upload would use now. */
export async function settingsOfRun(
  { configure }: DeskOptions,
  { upload, job }: FoundUpload,
): Promise<string> {
  const path = pathOfFile(job.reportsDirectory, upload);
  return hashOfSettings(await configure({ job: upload.job, path, saidYes: upload.said_yes }));
}

/** Returns whether the upload's file is gone or was changed, as far as this machine can tell. */
export async function isFileLost({ me }: DeskOptions, { upload, job }: FoundUpload): Promise<boolean> {
  const state = await lookAtFile(job.reportsDirectory, upload, me.host);
  return state === 'changed' || state === 'gone';
}

/** Returns the folder of the upload's run; null where it has no run. */
export function runFolderOf({ upload, job }: FoundUpload): string | null {
  return upload.run_id === null ? null : join(job.reportsDirectory, upload.run_id);
}

/** Returns the figures of the upload's run; null where it is not running, or has called nobody yet. */
export async function readFigures(
  { figuresOf }: DeskOptions,
  { upload: { state, run_id: runId } }: FoundUpload,
): Promise<LiveFigures | null> {
  return state === 'running' && runId !== null ? await figuresOf(runId) : null;
}

/** Reads everything that the page of an upload shows. */
export async function readContent(parts: DeskParts, found: FoundUpload): Promise<UploadContent> {
  const { upload } = found;
  const { state, run_no: runNo } = upload;
  const figures = await readFigures(parts, found);
  const result = state === 'ended' && runNo !== null ? await readResult(parts, runNo) : null;
  const sameFile = state === 'planned' ? await findSameFile(parts.ledger, upload) : null;
  const folder = runFolderOf(found);
  const files = result === null || folder === null ? null : await namesIn(folder);
  return { upload, figures, result, files, sameFile };
}

/** Sends the browser to the page of the upload. */
export async function backTo({ upload }: FoundUpload, reply: FastifyReply): Promise<void> {
  await reply.redirect(`/uploads/${upload.id}`, 303);
}
