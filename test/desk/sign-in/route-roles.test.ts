import fastify from 'fastify';
import { expect, test } from 'vitest';
import { addRouteRoles } from '../../../src/desk/sign-in/route-roles.ts';
import { TurnLimit } from '../../../src/desk/sign-in/turn-limit.ts';
import { createStubClock } from '../../support/stub-clock.ts';

function setup() {
  const app = fastify();
  addRouteRoles(app, {
    findSender: async () => await Promise.resolve({ kind: 'nobody' }),
    signInAddress: null,
    tell: () => undefined,
    trail: null as never,
    isByProxy: false,
  });
  return app;
}

test('a route that does not say who may ask for it can’t be added', () => {
  const app = setup();
  expect(() => app.get('/open', async () => await Promise.resolve('for all'))).toThrow(
    'the route GET /open says no role',
  );
  expect(() =>
    app.post('/open', { config: { role: 'approver' } }, async () => await Promise.resolve()),
  ).not.toThrow();
});

test('nobody gets to a route of any role, nor learns that there is none', async () => {
  const app = setup();
  for (const role of ['viewer', 'uploader', 'approver'] as const)
    app.get(`/${role}`, { config: { role } }, async () => await Promise.resolve('reached'));
  app.get('/anybody', { config: { role: 'anybody' } }, async () => await Promise.resolve('reached'));
  for (const path of ['/viewer', '/uploader', '/approver', '/none'])
    expect((await app.inject(path)).body).toContain('not_signed_in');
  expect((await app.inject({ method: 'HEAD', url: '/viewer' })).statusCode).toBe(500);
  expect((await app.inject('/anybody')).body).toBe('reached');
});

test('so many turns in any minute, and no more', async () => {
  const clock = createStubClock();
  const limit = new TurnLimit(clock, 2);
  expect([limit.take(), limit.take(), limit.take()]).toEqual([true, true, false]);
  await clock.advance(59_999);
  expect(limit.take()).toBe(false);
  await clock.advance(1);
  expect([limit.take(), limit.take(), limit.take()]).toEqual([true, true, false]);
});
