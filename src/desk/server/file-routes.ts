import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { tidyNote, LONGEST_NOTE } from '../../domain/untrusted-text.ts';
import { appendAudit } from '../../ledger/desk/audit-trail.ts';
import { noteAccess } from '../../ledger/privacy/access-log-table.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import { personOf } from '../sign-in/route-roles.ts';
import { englishDeskTexts } from '../texts/desk-texts-en.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { fieldOf } from './desk-server.ts';
import { findUpload, runFolderOf, type FoundUpload } from './shown-upload.ts';

const VIEWER = { config: { role: 'viewer' } } as const;
const UPLOADER = { config: { role: 'uploader' } } as const;

const SHORTEST_REASON = 3;

/** The files that the desk hands out against a reason; the page of an upload offers the same files. */
const GIVEN_OUT = new Set(Object.keys(englishDeskTexts.result.kinds));

const types: Readonly<Record<string, string>> = {
  '.csv': 'text/csv; charset=utf-8',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Adds the routes that show a run's report and hand out its files. */
export function addFileRoutes(parts: DeskParts): void {
  const { app, ledger, clock, me, checkToken } = parts;
  app.get<{ Params: { id: string } }>('/uploads/:id/report', VIEWER, async (request, reply) => {
    const found = await findUpload(parts, request.params.id);
    const page = await readFile(pathOfResult(found, 'report.html'), 'utf8').catch(() => null);
    if (page === null) throw new DeskProblemError('no_result');
    await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policyOfReport(page))
      .send(page);
  });
  app.post<{ Params: { id: string } }>(
    '/uploads/:id/files',
    { ...UPLOADER, preHandler: checkToken },
    async (request, reply) => {
      const found = await findUpload(parts, request.params.id);
      const name = fieldOf(request.body, 'name') ?? '';
      const reason = tidyNote(fieldOf(request.body, 'reason') ?? '').slice(0, LONGEST_NOTE);
      if (reason.length < SHORTEST_REASON) throw new DeskProblemError('no_reason');
      const { run_no: runNo, run_id: runId } = found.upload;
      if (runNo === null || !GIVEN_OUT.has(name)) throw new DeskProblemError('no_result');
      const file = await open(pathOfResult(found, name)).catch(() => null);
      if (file === null) throw new DeskProblemError('no_result');
      try {
        const rows = sumOfClasses(await countClasses(ledger, runNo));
        const who = personOf(request).name;
        const what = `upload desk: ${name} of ${runId ?? ''}`;
        const at = clock.now();
        await ledger.transaction(async (transaction) => {
          const access = { at, action: 'exported', what, rows, reason } as const;
          const accessNo = await noteAccess(transaction, { ...me, user: who }, access);
          const audit = { at, who, what: 'downloaded', uploadId: found.upload.id, accessNo } as const;
          const detail = `${name}: ${reason}`;
          await appendAudit(transaction, runId === null ? { ...audit, detail } : { ...audit, runId, detail });
        });
      } catch (error) {
        await file.close();
        throw error;
      }
      await reply
        .type(types[extname(name)] ?? 'application/octet-stream')
        .header('content-disposition', attachment(`${stemOf(found)}.${name}`))
        .send(file.createReadStream());
    },
  );
}

function pathOfResult(found: FoundUpload, name: string): string {
  const folder = runFolderOf(found);
  if (folder === null || found.upload.state !== 'ended') throw new DeskProblemError('no_result');
  return join(folder, name);
}

function stemOf({ upload }: FoundUpload): string {
  return basename(upload.stored_name, extname(upload.stored_name));
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
