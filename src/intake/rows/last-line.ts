import { parseUserId } from '../../domain/identity/user-id.ts';
import type { FoundHeader } from '../header/list-header.ts';
import type { ListRecord } from '../list-table.ts';
import type { ReadRow } from './read-row.ts';

/** Describes the end of a file that has no line end after its last cell, where that cell is one of the two ids. */
export interface OpenEnd {
  readonly line: number;
  readonly field: 'userId' | 'par';
  /** The last user id is shorter than all others, which have one length: it was cut off. */
  readonly isCutOff: boolean;
}

/** Remembers the length of user ids, so that a file cut off inside the last of them is noticed. */
export class LastLineWatch {
  private readonly header: FoundHeader;
  /** Length of all user ids but the last; 0 before the second row, null once two lengths differ. */
  private otherLength: number | null = 0;
  private lastLength = 0;
  private lastRecord: ListRecord | null = null;

  constructor(header: FoundHeader) {
    this.header = header;
  }

  look(record: ListRecord, { ids: { userId }, content }: ReadRow): void {
    if (this.lastLength > 0) this.otherLength = sameLength(this.otherLength, this.lastLength);
    const isId = content.kind === 'record' || typeof parseUserId(userId.text) === 'string';
    this.lastLength = isId ? userId.text.length : 0;
    this.lastRecord = record;
  }

  /**
   * Returns how the file ends; null where it does not end inside an id. `lastLine`: line of the last record, if the
   * file ends inside its last cell.
   */
  finish(lastLine: number | null): OpenEnd | null {
    const record = this.lastRecord;
    if (record === null || record.line !== lastLine) return null;
    const index = record.cells.length - 1;
    if (index === this.header.par) return { line: record.line, field: 'par', isCutOff: false };
    if (index !== this.header.userId) return null;
    const { otherLength, lastLength } = this;
    const isCutOff = otherLength !== null && lastLength > 0 && lastLength < otherLength;
    return { line: record.line, field: 'userId', isCutOff };
  }
}

function sameLength(others: number | null, length: number): number | null {
  return others === 0 || others === length ? length : null;
}
