import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { sandboxKeyPairs } from './provider/key-pairs.ts';
import { createSandboxError } from './sandbox-error.ts';

const change = z.union([
  z.strictObject({
    kind: z.literal('registered'),
    userId: z.string().regex(/^[1-9][0-9]{0,18}$/),
    par: z.string().regex(/^[A-Z0-9]{27}$/),
    /** Missing in files of older versions, like the script of a fault. */
    at: z.iso.datetime().optional(),
  }),
  z.strictObject({ kind: z.literal('fault_used'), card: z.string(), script: z.string().optional() }),
  z.strictObject({ kind: z.literal('encryption_keys'), keys: sandboxKeyPairs }),
]);

/** A change that must outlive the simulator's process. */
export type StateChange = z.infer<typeof change>;

export interface StateFile {
  /** The file's changes when it was opened, in the order they happened. */
  readonly changes: readonly StateChange[];
  /** When this returns, the operating system has the change: it survives a kill -9, but not a power cut. */
  append(change: StateChange): void;
  close(): void;
}

const LINE_FEED = 0x0a;

/**
 * Opens the append-only file with one JSON document per line. A last line without its end was being written when the
 * process was killed, so its answer never left and the line is cut off. Any other unreadable line throws
 * SANDBOX_STATE_UNREADABLE. A path of null keeps nothing.
 */
export function openStateFile(path: string | null): StateFile {
  if (path === null) return { changes: [], append: () => undefined, close: () => undefined };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const changes = existsSync(path) ? readChanges(path) : [];
  const file = openSync(path, 'a', 0o600);
  let isOpen = true;
  return {
    changes,
    append: (entry) => {
      writeWhole(file, Buffer.from(`${JSON.stringify(entry)}\n`));
    },
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function readChanges(path: string): StateChange[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  if (end < bytes.length) truncateSync(path, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => readChange(line, index + 1));
}

function readChange(line: string, lineNo: number): StateChange {
  const unreadable = (cause?: unknown): Error =>
    createSandboxError('SANDBOX_STATE_UNREADABLE', `sandbox state: line ${lineNo} can't be read`, cause);
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch (error) {
    throw unreadable(error);
  }
  const read = change.safeParse(content);
  if (!read.success) throw unreadable();
  return read.data;
}

function writeWhole(file: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
