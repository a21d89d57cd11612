/** Largest number of UTF-8 bytes for one UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;
/** Room for the piece that makes a block full, so that a block seldom has to grow. */
const ROOM = 1.5;

/**
 * Collects pieces into blocks. While a full block is worked off, the next one is filled, so that no more than about two
 * blocks are in memory. Both are reused, because only a full garbage collection would free new ones.
 */
export class DoubleBuffer {
  private readonly blockBytes: number;
  private readonly workOff: (block: Buffer) => Promise<void>;
  private block: Buffer = Buffer.alloc(0);
  private other: Buffer = Buffer.alloc(0);
  private filled = 0;
  private underWay: Promise<void> = Promise.resolve();

  /** `workOff` gets one block at a time, in order, and must not use it once it has resolved. */
  constructor(blockBytes: number, workOff: (block: Buffer) => Promise<void>) {
    this.blockBytes = blockBytes;
    this.workOff = workOff;
  }

  get isFull(): boolean {
    return this.filled >= this.blockBytes;
  }

  takeText(text: string): void {
    this.makeRoom(text.length * MOST_BYTES_A_CHARACTER);
    this.filled += this.block.write(text, this.filled);
  }

  takeBytes(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.block.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** Passes the block on, and waits only for the one before. Rejects with what that one rejected with. */
  async pass(): Promise<void> {
    await this.underWay;
    const full = this.block.subarray(0, this.filled);
    [this.block, this.other] = [this.other, this.block];
    this.filled = 0;
    this.underWay = this.workOff(full);
    // Whoever waits next is told; until then nobody may be listening.
    this.underWay.catch(() => undefined);
  }

  /** Passes on what is left, and waits for all of it. */
  async end(): Promise<void> {
    if (this.filled > 0) await this.pass();
    await this.underWay;
  }

  private makeRoom(bytes: number): void {
    const size = this.filled + bytes;
    if (size <= this.block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.ceil(Math.max(this.blockBytes, size) * ROOM));
    this.block.copy(larger, 0, 0, this.filled);
    this.block = larger;
  }
}
