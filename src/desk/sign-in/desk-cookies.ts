import type { CookieSerializeOptions } from '@fastify/cookie';

/** The desk's cookies, which depend on the address under which browsers reach it. */
export interface DeskCookies {
  readonly session: string;
  readonly underWay: string;
  readonly formSecret: string;
  readonly language: string;
  /** Keeps cookies from scripts, and restricts them to TLS where the desk has TLS. */
  readonly options: CookieSerializeOptions & { readonly sameSite: 'lax' };
}

/** With TLS the names begin with `__Host-`, so that no other host, and nobody without TLS, can set such a cookie. */
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
