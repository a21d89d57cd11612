import type { CookieSerializeOptions } from '@fastify/cookie';

/** The cookies of a desk, by the address under which browsers reach it. */
export interface DeskCookies {
  readonly session: string;
  readonly underWay: string;
  readonly formSecret: string;
  readonly language: string;
  /** Never for a script; over TLS alone where there is TLS. */
  readonly options: CookieSerializeOptions & { readonly sameSite: 'lax' };
}

/** Under TLS the names begin with `__Host-`: no other host, and nobody without TLS, can set such a cookie. */
export function deskCookies(origin: string | null): DeskCookies {
  const secure = origin !== null && origin.startsWith('https:');
  const name = (own: string): string => `${secure ? '__Host-' : ''}desk_${own}`;
  return {
    session: name('session'),
    underWay: name('sign_in'),
    formSecret: name('token'),
    language: name('language'),
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure },
  };
}
