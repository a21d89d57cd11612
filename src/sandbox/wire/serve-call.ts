import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { nameAnswer, type CorrelationIdHabit } from '../provider/answer-ids.ts';
import { answerOf } from '../provider/answers.ts';
import type { CallKind } from '../provider/call-kind.ts';
import type { CallLog } from './call-log.ts';
import type { PlannedCall } from '../faults/fault-dice.ts';
import { spellFault } from '../faults/fault.ts';
import { judgeCall, type ProviderState, type JudgedCall } from '../provider/judge-call.ts';
import type { Outage } from '../faults/outage.ts';
import { readBody } from './request-body.ts';
import { sendAnswer } from './send-answer.ts';
import { writeAnswer, writePlainAnswer } from './wire-answer.ts';

/** The simulated provider and its surroundings. */
export interface World extends ProviderState {
  readonly log: CallLog;
  readonly dice: Readonly<Record<CallKind, () => PlannedCall>>;
  readonly findOutage: (callNo: number) => Outage | null;
  readonly plainAnswers: boolean;
  /** Encrypts even the answers to plain calls. */
  readonly encryptAnswers: boolean;
  readonly correlationIdHabit: CorrelationIdHabit;
  readonly closing: AbortSignal;
}

/** Takes one call from its arrival to its answer, and notes the result. */
export async function serveCall(
  world: World,
  kind: CallKind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { index, isTooMany } = world.log.arrive(performance.timeOrigin + performance.now(), kind);
  const outage = world.findOutage(index + 1);
  const planned = world.dice[kind]();
  const { fault } = planned;
  if (outage === null && fault?.kind === 'unread') {
    world.log.observe(index, { answer: spellFault(fault), fault: spellFault(fault) });
    sendAnswer(response, writePlainAnswer(answerOf('000_000')), fault);
    return;
  }
  const body = await readBody(request);
  if (world.closing.aborted) return;
  if (body.kind === 'broken_off') {
    world.log.observe(index, { answer: 'broken off' });
    return;
  }
  if (body.kind === 'too_long') {
    world.log.observe(index, { answer: '000_002', reason: 'body_length' });
    response.setHeader('Connection', 'close');
    sendAnswer(response, writePlainAnswer(answerOf('000_002')), null);
    return;
  }
  const headers = request.headersDistinct;
  const judged = await judgeCall(world, { kind, headers, body: body.bytes, outage, isTooMany, planned });
  world.log.observe(index, judged.findings);
  await letOut(world, response, judged);
}

async function letOut(world: World, response: ServerResponse, judged: JudgedCall): Promise<void> {
  const { reason } = judged.findings;
  if (judged.delayMs > 0) {
    try {
      await wait(judged.delayMs, undefined, { signal: world.closing });
    } catch {
      return;
    }
  }
  response.setHeader('Date', world.now().toUTCString());
  if (typeof reason === 'string') response.setHeader('X-Sandbox-Reason', reason);
  const isAsked = world.encryptAnswers || (judged.wasSealed && !world.plainAnswers);
  const answer = await writeAnswer(judged.answer, judged.fault, { keys: world.keys, isAsked });
  const answerId = nameAnswer({
    asked: judged.answerId,
    status: answer.status,
    fault: judged.fault,
    habit: world.correlationIdHabit,
    now: world.now(),
  });
  if (answerId !== null) response.setHeader('X-KM-Correlation-Id', answerId);
  sendAnswer(response, answer, judged.fault);
}
