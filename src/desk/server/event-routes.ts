import { drawFigures } from '../pages/progress-section.ts';
import { VIEWER } from '../sign-in/route-roles.ts';
import type { DeskParts } from './desk-parts.ts';
import { DeskProblemError } from './desk-problem-error.ts';
import { SharedReading } from './shared-reading.ts';
import { findUpload, readFigures } from './shown-upload.ts';

const MOST_STREAMS = 50;
/** So often the ledger is asked for each upload that somebody follows, however many do. */
export const LOOK_MS = 1_000;
/**
 * Proxies close a connection that carries nothing for long, so a silent stream sends a comment after this many looks.
 */
const MOST_SILENT_LOOKS = 15;
/** A stream asks after this many looks whether its session is still open. */
const LOOKS_OF_A_SESSION = 5;

/** The open streams of pages that follow an upload. */
export interface EventStreams {
  /** Ends all streams. */
  close(): void;
}

/**
 * Adds the route that sends an upload's state, and the figures of its run, as server-sent events whenever they change.
 */
export function addEventRoutes(parts: DeskParts): EventStreams {
  const { app, clock, frameOf } = parts;
  const open = new Set<AbortController>();
  const uploads = new SharedReading(clock, LOOK_MS, async (id) => {
    const found = await findUpload(parts, id);
    return { state: found.upload.state, figures: await readFigures(parts, found) };
  });
  app.get<{ Params: { id: string } }>('/uploads/:id/events', VIEWER, async (request, reply) => {
    const { id } = request.params;
    await findUpload(parts, id);
    if (open.size >= MOST_STREAMS) throw new DeskProblemError('too_many_pages');
    const { language, texts } = frameOf(request, reply);
    const left = new AbortController();
    open.add(left);
    reply.raw.on('close', () => {
      left.abort();
    });
    reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store');
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    // The first look must not be older than the page: what differs from the page makes it load again.
    const look = async (isFirst: boolean): Promise<string> => {
      const { state, figures } = await (isFirst ? uploads.readAnew(id) : uploads.read(id));
      const shown = state === 'running' ? drawFigures({ language, texts }, figures).text : null;
      return JSON.stringify({ state, figures: shown });
    };
    let sent = '';
    let silent = 0;
    let looks = 0;
    try {
      while (!left.signal.aborted) {
        looks += 1;
        if (looks % LOOKS_OF_A_SESSION === 0 && !(await parts.isStillIn(request))) break;
        const now = await look(looks === 1);
        silent = now === sent ? silent + 1 : 0;
        if (now !== sent) raw.write(`data: ${now}\n\n`);
        else if (silent % MOST_SILENT_LOOKS === 0) raw.write(': \n\n');
        sent = now;
        await clock.sleep(LOOK_MS, left.signal);
      }
    } catch {
      // The page connects again by itself, and the answer then says what is wrong.
    } finally {
      open.delete(left);
      raw.end();
    }
  });
  return {
    close: () => {
      for (const one of open) one.abort();
    },
  };
}
