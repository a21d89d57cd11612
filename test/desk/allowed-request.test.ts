import { expect, test } from 'vitest';
import { isForDesk, isFromOurPages } from '../../src/desk/server/allowed-request.ts';
import { languageOf } from '../../src/desk/server/desk-language.ts';
import { ownAddress, placeOf } from '../../src/desk/server/language-route.ts';

test.each(['127.0.0.1', '127.0.0.1:8080', 'localhost:1', '[::1]:8080', 'LOCALHOST'])(
  'a request to %s is for this machine',
  (host) => {
    expect(isForDesk({ host }, null)).toBe(true);
  },
);

test.each([undefined, '', 'evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', 'a:b:c'])(
  'a request to %s is for another: a name that was made to lead here',
  (host) => {
    expect(isForDesk({ host }, null)).toBe(false);
  },
);

const host = '127.0.0.1:8080';

test.each([
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'same-origin', origin: 'null' },
  { 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
  { origin: `http://${host}` },
])('a form of our own pages is taken: %o', (headers) => {
  expect(isFromOurPages({ host, ...headers }, null)).toBe(true);
});

test.each([
  {},
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site', origin: `http://${host}` },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': 'same-origin', origin: 'http://evil.example' },
  { origin: 'http://127.0.0.1:9090' },
])('a form of anybody else is not: %o', (headers) => {
  expect(isFromOurPages({ host, ...headers }, null)).toBe(false);
});

test('a desk with a public address is asked for by that alone, and its forms come from there', () => {
  const ours = 'https://desk.example.com';
  expect(isForDesk({ host: 'Desk.example.com' }, ours)).toBe(true);
  for (const name of ['127.0.0.1:8080', 'desk.example.com:8080', 'desk.example.com.evil.example', undefined])
    expect(isForDesk({ host: name }, ours)).toBe(false);
  expect(isFromOurPages({ host: 'desk.example.com', origin: ours }, ours)).toBe(true);
  for (const origin of ['http://desk.example.com', 'https://evil.example', 'null', undefined])
    expect(isFromOurPages({ host: 'desk.example.com', origin }, ours)).toBe(false);
});

test('the language is the chosen one, else one of the browser, else that of the reports', () => {
  expect(languageOf('en', 'ko', 'ko')).toBe('en');
  expect(languageOf('xx', 'fr, ko;q=0.5, en-GB;q=0.9', 'ko')).toBe('en');
  expect(languageOf(undefined, 'en;q=0, fr', 'ko')).toBe('ko');
  expect(languageOf(undefined, undefined, 'en')).toBe('en');
});

test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/uploads/../x', '/uploads/a?b'])(
  'a change of language never leads to %s',
  (back) => {
    expect(ownAddress(back)).toBe('/');
  },
);

test('a change of language comes back to a page of ours', () => {
  expect(ownAddress('/uploads/new')).toBe('/uploads/new');
  expect(ownAddress('/uploads')).toBe('/uploads');
  expect(ownAddress('/runs/20261122T160000Z-nightly-0a1b')).toBe('/runs/20261122T160000Z-nightly-0a1b');
  for (const address of [
    '/runs?before=3',
    '/runs/20261122T160000Z-n-0a1b/rejected?after=50',
    '/breaks/old_card?after=7',
  ])
    expect(ownAddress(address)).toBe(address);
});

test.each([
  ['GET', '/runs?before=3', '/runs?before=3'],
  ['GET', '/runs?before=3&x=y', '/'],
  ['POST', '/uploads', '/uploads/new'],
  [
    'POST',
    '/uploads/3b241101-e2bb-4255-8caf-4136c566a962/start',
    '/uploads/3b241101-e2bb-4255-8caf-4136c566a962',
  ],
  [
    'GET',
    '/uploads/3b241101-e2bb-4255-8caf-4136c566a962/report',
    '/uploads/3b241101-e2bb-4255-8caf-4136c566a962',
  ],
  ['POST', '/runs/20261122T160000Z-n-0a1b/files', '/runs/20261122T160000Z-n-0a1b'],
  ['POST', '/breaks/7', '/breaks/7'],
  ['POST', '/search', '/search'],
])('the page that answers %s %s is opened again at %s', (method, url, place) => {
  expect(placeOf({ method, url })).toBe(place);
});
