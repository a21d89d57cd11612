import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { DeskProblemError } from './desk-problem-error.ts';

/** A form with a file: the fields that precede the file, and the file, which is still unread. */
export interface UploadForm {
  readonly kind: string;
  readonly token: string;
  readonly file: MultipartFile;
}

/** Reads a form up to its file. Rejects with DeskProblemError where the form has no file. */
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
