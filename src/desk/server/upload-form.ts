import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { DeskProblemError } from './desk-problem-error.ts';

/** A form with a file: what was read before it, and the file, of which nothing is read yet. */
export interface UploadForm {
  readonly kind: string;
  readonly token: string;
  readonly file: MultipartFile;
}

/** Reads a form up to its file. Rejects with DeskProblemError where it has none. */
export async function readUploadForm(request: FastifyRequest): Promise<UploadForm> {
  const fields = new Map<string, string>();
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const { file, filename } = part;
      if (filename === '') {
        file.resume();
        break;
      }
      return { kind: fields.get('kind') ?? '', token: fields.get('token') ?? '', file: part };
    }
    fields.set(part.fieldname, String(part.value));
  }
  throw new DeskProblemError('no_file');
}
