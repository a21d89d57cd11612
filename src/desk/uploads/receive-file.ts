import { UnfinishedFile, type FileFacts } from '../../report/folder/unfinished-file.ts';
import { syncFolder } from '../../report/folder/folder-preparation.ts';

/**
 * Writes the bytes to a file in the folder as they arrive, and gives the file its name once it is complete and on disk.
 * Rejects where the sender or the disk breaks off, and then leaves no file.
 */
export async function receiveFile(
  folder: string,
  name: string,
  bytes: AsyncIterable<Buffer>,
): Promise<FileFacts> {
  const file = await UnfinishedFile.create(folder, name);
  try {
    for await (const chunk of bytes) await file.appendBytes(chunk);
    const facts = await file.finish();
    await file.publish(folder);
    await syncFolder(folder);
    return facts;
  } finally {
    await file.discard();
  }
}
