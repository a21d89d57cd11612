import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { hasEnded } from '../../domain/run-state.ts';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { appendAudit, byPerson, type DeskPerson } from '../../ledger/desk/audit-trail.ts';
import { findUploadOfRun } from '../../ledger/desk/upload-table.ts';
import { noteAccess } from '../../ledger/privacy/access-log-table.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import { findServedRun, folderOfRun } from './served-jobs.ts';
import { personOf, UPLOADER, VIEWER } from '../sign-in/route-roles.ts';
import { englishDeskTexts } from '../texts/desk-texts-en.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { fieldOf, reasonOf } from './desk-server.ts';
import { findUpload, runFolderOf } from './shown-upload.ts';

/** The files that the desk hands out against a reason; the page of an upload offers the same files. */
const GIVEN_OUT = new Set(Object.keys(englishDeskTexts.result.kinds));

const types: Readonly<Record<string, string>> = {
  '.csv': 'text/csv; charset=utf-8',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** A run that has ended, whose report and files are asked for. */
interface AskedRun {
  readonly no: number;
  readonly id: string;
  readonly folder: string;
  /** The upload that the run came of; null where it came of none. */
  readonly uploadId: string | null;
  /** The names of files that leave begin with this. */
  readonly stem: string;
}

/** Adds the routes that show a run's report and hand out its files, below the page of its upload and its own page. */
export function addFileRoutes(parts: DeskParts): void {
  addRoutesBelow(parts, '/uploads', async (id) => {
    const found = await findUpload(parts, id);
    const { id: uploadId, state, run_no: no, run_id: runId, stored_name: name } = found.upload;
    const folder = runFolderOf(found);
    if (state !== 'ended' || no === null || runId === null || folder === null) return null;
    return { no, id: runId, folder, uploadId, stem: basename(name, extname(name)) };
  });
  addRoutesBelow(parts, '/runs', async (id) => {
    const run = await findServedRun(parts, id);
    if (!hasEnded(run.state)) return null;
    const uploadId = await findUploadOfRun(parts.ledger, run.run_no);
    return { no: run.run_no, id: run.id, folder: folderOfRun(parts, run), uploadId, stem: run.id };
  });
}

/** `find` resolves to null where the upload or the run has no files to hand out. */
function addRoutesBelow(
  parts: DeskParts,
  address: '/uploads' | '/runs',
  find: (id: string) => Promise<AskedRun | null>,
): void {
  const { app, checkToken } = parts;
  app.get<{ Params: { id: string } }>(`${address}/:id/report`, VIEWER, async (request, reply) => {
    const run = await find(request.params.id);
    const page =
      run === null ? null : await readFile(join(run.folder, 'report.html'), 'utf8').catch(() => null);
    if (page === null) throw new DeskProblemError('no_result');
    await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policyOfReport(page))
      .send(page);
  });
  app.post<{ Params: { id: string } }>(
    `${address}/:id/files`,
    { ...UPLOADER, preHandler: checkToken },
    async (request, reply) => {
      const run = await find(request.params.id);
      const name = fieldOf(request.body, 'name') ?? '';
      const reason = reasonOf(request.body);
      if (run === null || !GIVEN_OUT.has(name)) throw new DeskProblemError('no_result');
      const file = await open(join(run.folder, name)).catch(() => null);
      if (file === null) throw new DeskProblemError('no_result');
      try {
        await noteDownload(parts, run, { by: personOf(request), name, reason });
      } catch (error) {
        await file.close();
        throw error;
      }
      await reply
        .type(types[extname(name)] ?? 'application/octet-stream')
        .header('content-disposition', attachment(`${run.stem}.${name}`))
        .send(file.createReadStream());
    },
  );
}

/** Writes that a file leaves to the access log and to the audit trail, before its first byte does. */
async function noteDownload(
  { ledger, clock, me }: DeskParts,
  run: AskedRun,
  { by, name, reason }: { readonly by: DeskPerson; readonly name: string; readonly reason: string },
): Promise<void> {
  const rows = sumOfClasses(await countClasses(ledger, run.no));
  const what = `upload desk: ${name} of ${run.id}`;
  const at = clock.now();
  await ledger.transaction(async (transaction) => {
    const accessNo = await noteAccess(
      transaction,
      { ...me, user: by.name },
      { at, action: 'exported', what, rows, reason },
    );
    const ofUpload = run.uploadId === null ? {} : { uploadId: run.uploadId };
    const detail = `${name}: ${reason}`;
    await appendAudit(transaction, {
      at,
      ...byPerson(by),
      what: 'downloaded',
      ...ofUpload,
      runId: run.id,
      accessNo,
      detail,
    });
  });
}

/**
 * Returns a content-disposition with the name in any script (RFC 5987), and in plain letters for browsers that can't
 * read that.
 */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * Returns a content security policy that isolates the report: it allows the report's own style, and no script, no form
 * and no access to the desk.
 */
export function policyOfReport(page: string): string {
  const style = /<style>(?<style>[^]*?)<\/style>/.exec(page)?.groups?.['style'] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  return `sandbox; default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
