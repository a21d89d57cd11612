import type { Readable } from 'node:stream';
import { UnfinishedFile, type FileFacts } from '../../report/folder/unfinished-file.ts';
import { syncFolder } from '../../report/folder/folder-preparation.ts';

/**
 * Writes what comes to a file of the folder, as it comes; the file has its name once it is whole and on disk. Rejects where
 * the sender or the disk breaks off, and leaves no file then.
 */
export async function receiveFile(folder: string, name: string, bytes: Readable): Promise<FileFacts> {
  const file = await UnfinishedFile.create(folder, name);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) await file.appendBytes(chunk);
    const facts = await file.finish();
    await file.publish(folder);
    await syncFolder(folder);
    return facts;
  } finally {
    await file.discard();
  }
}
