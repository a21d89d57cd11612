import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { codeOf } from '../../domain/error-words.ts';
import { DeskProblemError } from './desk-problem-error.ts';

/** A form with a file: the fields that precede the file, and the file, which is still unread. */
export interface UploadForm {
  readonly kind: string;
  readonly token: string;
  readonly file: Pick<MultipartFile, 'filename' | 'file'>;
  /** The bytes of the file. Rejects with DeskProblemError where the form breaks off. */
  readonly bytes: AsyncIterable<Buffer>;
  /**
   * Reads the form to its end, after its file. Rejects with DeskProblemError where something follows: a second file would
   * be lost without a word.
   */
  end(): Promise<void>;
}

/** Reads a form up to its file. Rejects with DeskProblemError where the form has no file, or is none of ours. */
export async function readUploadForm(request: FastifyRequest): Promise<UploadForm> {
  return await asBroken(async () => {
    const parts = request.parts();
    const fields = new Map<string, string>();
    for (;;) {
      const next: IteratorResult<Multipart, unknown> = await parts.next();
      if (next.done === true) throw new DeskProblemError('no_file');
      const part = next.value;
      if (part.type === 'file') {
        if (part.filename === '') {
          part.file.resume();
          throw new DeskProblemError('no_file');
        }
        const end = async (): Promise<void> => {
          const after = await asBroken(async () => await parts.next());
          if (after.done !== true) throw new DeskProblemError('broken_upload');
        };
        const kind = fields.get('kind') ?? '';
        const token = fields.get('token') ?? '';
        return { kind, token, file: part, bytes: bytesOf(part), end };
      }
      // Of two fields of one name nobody knows which one was meant.
      if (fields.has(part.fieldname)) throw new DeskProblemError('broken_upload');
      fields.set(part.fieldname, String(part.value));
    }
  });
}

async function* bytesOf({ file }: MultipartFile): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw asFormError(error);
  }
}

async function asBroken<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asFormError(error);
  }
}

/** Whatever the parser can't read is the sender's fault. Some of its errors have codes, by which pages tell them apart. */
function asFormError(error: unknown): unknown {
  const isCoded = error instanceof Error && codeOf(error).startsWith('FST_');
  return isCoded || error instanceof DeskProblemError
    ? error
    : new DeskProblemError('broken_upload', { cause: error });
}
