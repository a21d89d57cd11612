import { describe, expect, test } from 'vitest';
import { DoubleBuffer } from '../../../src/report/folder/double-buffer.ts';

/** A buffer whose blocks wait, until the test lets the first of them end. */
function setup(blockBytes: number) {
  const blocks: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const buffer = new DoubleBuffer(blockBytes, async (block) => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await end.promise;
    blocks.push(block.toString());
  });
  return { buffer, blocks, ends };
}

describe('a double buffer', () => {
  test('is filled while a block is worked off, and no further', async () => {
    const { buffer, blocks, ends } = setup(4);
    buffer.takeText('가');
    expect(buffer.isFull).toBe(false);
    buffer.takeBytes(Buffer.from('bc'));
    expect(buffer.isFull).toBe(true);
    await buffer.pass();
    buffer.takeText('second');
    let isPassed = false;
    const passed = buffer.pass().then(() => (isPassed = true));
    await Promise.resolve();
    expect({ blocks, begun: ends.length, isPassed }).toEqual({ blocks: [], begun: 1, isPassed: false });
    ends[0]?.resolve();
    await passed;
    buffer.takeText('third');
    ends[1]?.resolve();
    const ended = buffer.end();
    await expect.poll(() => ends.length).toBe(3);
    ends[2]?.resolve();
    await ended;
    expect(blocks).toEqual(['가bc', 'second', 'third']);
  });

  test('tells whoever comes next that a block failed', async () => {
    const { buffer, ends } = setup(1);
    buffer.takeText('first');
    await buffer.pass();
    ends[0]?.reject(new Error('no space'));
    buffer.takeText('second');
    await expect(buffer.pass()).rejects.toThrow('no space');
    await expect(buffer.end()).rejects.toThrow('no space');
    expect(ends).toHaveLength(1);
  });

  test('without anything in it passes nothing on', async () => {
    const { buffer, ends } = setup(1);
    await buffer.end();
    expect(ends).toEqual([]);
  });
});
