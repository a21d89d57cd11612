import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteName } from '../../domain/untrusted-text.ts';
import { sha256OfFile } from '../../intake/file-hash.ts';
import { ListNotFoundError } from '../../intake/list-errors.ts';
import { uploadFolder } from './upload-place.ts';

/** The place and the name under which the file of an upload should be found. */
export interface UploadedFile {
  readonly id: string;
  readonly stored_name: string;
  readonly sha256: string;
  /** The machine on which the file arrived; null where that is not known. */
  readonly host: string | null;
}

/** The ways in which a file can differ from the upload. */
export type FileLoss = 'changed' | 'gone';

/** `elsewhere` means that the file is on the disk of another machine, and only that machine can tell more. */
export type FileState = 'whole' | 'elsewhere' | FileLoss;

export function pathOfFile(reportsDirectory: string, { id, stored_name: name }: UploadedFile): string {
  return join(uploadFolder(reportsDirectory, id), name);
}

/** Reads the whole file and returns its state. Rejects where the file exists but can't be read. */
export async function lookAtFile(
  reportsDirectory: string,
  file: UploadedFile,
  thisHost: string,
): Promise<FileState> {
  const sha256 = await sha256OfFile(pathOfFile(reportsDirectory, file)).catch((error: unknown) => {
    if (error instanceof ListNotFoundError) return null;
    throw error;
  });
  if (sha256 !== null) return sha256 === file.sha256 ? 'whole' : 'changed';
  if (file.host === thisHost) return 'gone';
  // A machine that shares the upload's folder would see the file too.
  const folder = await stat(uploadFolder(reportsDirectory, file.id)).catch(() => null);
  return folder === null ? 'elsewhere' : 'gone';
}

/** Returns why a list can't be read, and what to do. `name` is the file's name on the person's machine. */
export function tellFileLoss(loss: FileLoss, name: string): { readonly en: string; readonly ko: string } {
  const quoted = quoteName(name);
  switch (loss) {
    case 'changed':
      return {
        en: `${quoted} is not what was uploaded any more: somebody has changed the file on this machine; upload it again`,
        ko: `${quoted} 파일이 올린 내용과 다릅니다. 이 서버에서 누군가 파일을 바꾸었으므로 다시 올려 주십시오.`,
      };
    case 'gone':
      return {
        en: `${quoted} is not there any more: somebody has deleted the file on this machine; upload it again`,
        ko: `${quoted} 파일이 없습니다. 이 서버에서 누군가 파일을 지웠으므로 다시 올려 주십시오.`,
      };
  }
}

/** Returns why a list is refused that ended the process that read it again and again, and what to do. */
export function tellUnreadable(name: string): { readonly en: string; readonly ko: string } {
  const quoted = quoteName(name);
  return {
    en: `${quoted} could not be read: each time the program that read it ended, most likely for want of memory; split the list into smaller ones, or ask operations, whose log says more`,
    ko: `${quoted} 파일을 읽지 못했습니다. 파일을 읽던 프로그램이 매번 중단되었으며, 메모리 부족이 가장 유력한 원인입니다. 목록을 나누어 올리거나, 로그를 볼 수 있는 운영팀에 문의해 주십시오.`,
  };
}
