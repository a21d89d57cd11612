import type { Dispatcher } from 'undici';
import type { Reply } from '../../domain/outcome.ts';
import { isReadByCode } from '../outcome-rules.ts';
import { createCodedError } from './coded-error.ts';
import { decodeContent } from './content-encoding.ts';
import type { KeptConnection } from './kept-connection.ts';
import { isOfOtherCall, readAnswerIds, type AnswerOwner } from '../answer-owner.ts';
import { readBody, unreadBody, type ReadBody } from '../reply-reader.ts';
import { readRetryAfterMs, readServerDate, type ResponseHeaders } from '../response-headers.ts';
import { replyToFault } from './transport-fault.ts';

/** Signals of one call for observers; without hooks they cost nothing. */
export interface CallHooks {
  /** The request is about to be written to a connection that has carried a call before. */
  readonly onKeptConnection?: () => void;
  /** The whole request was handed to the socket. */
  readonly bytesLeft?: () => void;
  /** A complete answer has arrived and nobody has been told yet. */
  readonly answered?: () => void;
}

export interface SentCall extends AnswerOwner {
  readonly reply: Reply;
  /** PARs the answer to a plans inquiry lists; null without such a list. */
  readonly pars: readonly string[] | null;
  /** When the request's headers were written; null if they never were. */
  readonly sentAt: Date | null;
  /** `performance.now()` when the request's last byte was handed to the socket; null if it never was. */
  readonly bytesLeftMonotonic: number | null;
  /** Time from the request's last byte, or else from the start of sending, to the end. */
  readonly latencyMs: number;
  /**
   * Set where the time ran out without a byte of an answer: on a connection that had carried a call before, or on a
   * new one, which perhaps nobody has accepted yet. Null where the call ended otherwise.
   */
  readonly waitedOn: 'kept_connection' | 'new_connection' | null;
  /** The answer's Date header, whole seconds. */
  readonly serverDate: Date | null;
}

/** A call that is over; its answer may still have to be decrypted. */
export interface EndedExchange extends Omit<SentCall, keyof AnswerOwner> {
  /** X-KM-Correlation-Id of the answer, as readAnswerIds returns it. */
  readonly answerIds: readonly string[];
  /** The JWE of an encrypted answer, whose reply has no code yet. */
  readonly sealed: string | null;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * One call through undici, from the start of sending to a result; a failure is a result too. undici calls the `on…`
 * methods. `onRequestStart` comes directly before the headers are written, so it tells reliably whether anything
 * left; a second sending of the same call is refused there.
 */
export class CallExchange implements Dispatcher.DispatchHandler {
  readonly settled: Promise<EndedExchange>;
  private resolve: (ended: EndedExchange) => void = () => undefined;
  private finished = false;
  private controller: Dispatcher.DispatchController | null = null;
  private connection: KeptConnection | null = null;
  private isExpired = false;
  private sentAt: Date | null = null;
  private bytesLeftMonotonic: number | null = null;
  private httpStatus: number | null = null;
  private headers: ResponseHeaders = {};
  private retryAfterMs: number | null = null;
  private serverDate: Date | null = null;
  private chunks: Buffer[] = [];
  private bodyBytes = 0;
  private readonly beganMonotonic = performance.now();
  private readonly now: () => Date;
  private readonly hooks: CallHooks;
  /** The correlation id that an answer must carry; null where it is not checked. */
  private readonly asksFor: string | null;
  private readonly deadline: NodeJS.Timeout;

  constructor(timeoutMs: number, now: () => Date, hooks: CallHooks, asksFor: string | null = null) {
    this.now = now;
    this.hooks = hooks;
    this.asksFor = asksFor;
    this.settled = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.deadline = setTimeout(passDeadline, timeoutMs, this, timeoutMs);
  }

  /**
   * Tells the exchange which connection will carry the call; that connection learns when the call begins and ends.
   */
  carryOn(connection: KeptConnection): void {
    this.connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.finished || this.sentAt !== null) {
      controller.abort(
        createCodedError('sent_once', 'the call is over or was sent before; it is not sent again'),
      );
      return;
    }
    this.controller = controller;
    this.sentAt = this.now();
    this.connection?.exchangeBegan();
    if (this.connection?.isKept === true) this.hooks.onKeptConnection?.();
  }

  onRequestSent(): void {
    this.bytesLeftMonotonic = performance.now();
    this.hooks.bytesLeft?.();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
  ): void {
    const isInterim = status < 200;
    if (isInterim) return;
    this.httpStatus = status;
    this.headers = headers;
    this.serverDate = readServerDate(headers);
    this.retryAfterMs = readRetryAfterMs(headers, this.now());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.finished) return;
    this.chunks.push(chunk);
    this.bodyBytes += chunk.length;
    if (this.bodyBytes <= MAX_BODY_BYTES) return;
    this.finishAnswered(unreadBody('it is larger than 64 KiB', Buffer.concat(this.chunks)));
    controller.abort(createCodedError('body_too_large', 'the answer is larger than 64 KiB'));
  }

  onResponseEnd(): void {
    const [only] = this.chunks;
    const received = only !== undefined && this.chunks.length === 1 ? only : Buffer.concat(this.chunks);
    const bytes = decodeContent(received, this.headers, MAX_BODY_BYTES);
    const body = readBody(bytes);
    // The next answer on this connection would belong to another call as well.
    if (
      this.asksFor !== null &&
      (body.code !== null || body.sealed !== null) &&
      this.isForeign(this.asksFor)
    ) {
      this.connection?.drop();
    }
    this.finishAnswered(body);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.finishBroken(error);
  }

  private isForeign(correlationId: string): boolean {
    const isDecidedByCode = this.httpStatus !== null && isReadByCode(this.httpStatus);
    return isDecidedByCode && isOfOtherCall(readAnswerIds(this.headers), correlationId);
  }

  /** Ends the call with a time-out, whatever undici still does with it. */
  expire(timeoutMs: number): void {
    const error = createCodedError('deadline', `${this.whatIsMissing()} within ${timeoutMs} ms`);
    this.isExpired = true;
    this.finishBroken(error);
    this.controller?.abort(error);
  }

  /** Says what was still missing when the time ran out: the connection, the answer's head, or its body. */
  private whatIsMissing(): string {
    if (this.sentAt === null) return 'no connection';
    return this.httpStatus === null ? 'no answer' : 'the answer stopped in its middle, not whole';
  }

  private finishAnswered({ pars, sealed, ...body }: ReadBody): void {
    const { httpStatus, retryAfterMs } = this;
    if (httpStatus === null) return;
    this.finish({ kind: 'answered', httpStatus, ...body, retryAfterMs }, pars, sealed);
  }

  private finishBroken(error: unknown): void {
    const { httpStatus, retryAfterMs } = this;
    this.finish(replyToFault(error, { requestStarted: this.sentAt !== null, httpStatus, retryAfterMs }));
  }

  private isClosedUnanswered(reply: Reply): boolean {
    return isWithoutAnswer(reply) && !this.isExpired;
  }

  private readWaitedOn(reply: Reply): SentCall['waitedOn'] {
    if (!isWithoutAnswer(reply) || !this.isExpired) return null;
    return this.connection?.isKept === true ? 'kept_connection' : 'new_connection';
  }

  private finish(reply: Reply, pars: SentCall['pars'] = null, sealed: string | null = null): void {
    if (this.finished) return;
    this.finished = true;
    clearTimeout(this.deadline);
    const waitedOn = this.readWaitedOn(reply);
    if (this.sentAt !== null) this.connection?.exchangeEnded(this.isClosedUnanswered(reply));
    const { sentAt, bytesLeftMonotonic, serverDate } = this;
    this.resolve({
      reply,
      pars,
      sealed,
      answerIds: readAnswerIds(this.headers),
      sentAt,
      bytesLeftMonotonic,
      latencyMs: performance.now() - (bytesLeftMonotonic ?? this.beganMonotonic),
      waitedOn,
      serverDate,
    });
    if (reply.kind === 'answered') this.hooks.answered?.();
  }
}

function isWithoutAnswer(reply: Reply): boolean {
  return reply.kind === 'no_answer' && reply.httpStatus === null;
}

/**
 * Ends the call after its deadline. An answer that arrived while this thread was busy is still read, because sockets
 * are polled once more before that.
 */
function passDeadline(exchange: CallExchange, timeoutMs: number): void {
  setImmediate(() => {
    exchange.expire(timeoutMs);
  });
}
