import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { messageOf } from '../../domain/error-words.ts';
import type { OidcSignIn } from '../../config/desk/sign-in-configuration.ts';
import { normalEmail, type Identity } from './identity.ts';

/** Limits one request to the provider, in seconds. */
const LONGEST_ANSWER_S = 10;

/** The provider sends people back to this path. */
export const CALLBACK_PATH = '/sign-in/callback';

/** The browser keeps this between leaving for the provider and coming back. */
export interface SignInUnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The provider, or the person it names, can't be accepted. The message is for the log. */
export class SignInError extends Error {
  readonly kind: 'provider' | 'no_email' | 'unverified';
  /** The account that was to sign in; null where the provider named none that can be believed. */
  readonly account: string | null;
  constructor(
    kind: SignInError['kind'],
    message: string,
    { account, cause }: ErrorOptions & { readonly account?: string } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.account = account ?? null;
  }
}

/** OpenID Connect allows a `sub` of 255 characters. */
const LONGEST_ACCOUNT = 1_000;

/**
 * Returns the account of an id token. Only issuer and `sub` together name one for good, and an issuer contains no `#`.
 */
function accountOf({ iss, sub }: { readonly iss: string; readonly sub: string }): string {
  const account = `${iss}#${sub}`;
  if (account.length > LONGEST_ACCOUNT) throw new SignInError('provider', 'its `sub` is too long');
  return account;
}

/** A person whom the provider names. */
export interface AccountIdentity extends Identity {
  readonly account: string;
}

/** Signs people in by the code flow with PKCE, state and nonce; the library checks the tokens. */
export class OidcClient {
  private readonly settings: OidcSignIn;
  private readonly callback: string;
  private found: Promise<Configuration> | null = null;

  constructor(settings: OidcSignIn, origin: string) {
    this.settings = settings;
    this.callback = `${origin}${CALLBACK_PATH}`;
  }

  /** Returns the address to which the browser goes. Rejects with SignInError where the provider does not answer. */
  async begin(): Promise<{ readonly address: string; readonly underWay: SignInUnderWay }> {
    const provider = await this.provider();
    const underWay = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const { href } = buildAuthorizationUrl(provider, {
      redirect_uri: this.callback,
      scope: this.settings.scope,
      code_challenge: await calculatePKCECodeChallenge(underWay.codeVerifier),
      code_challenge_method: 'S256',
      state: underWay.state,
      nonce: underWay.nonce,
    });
    return { address: href, underWay };
  }

  /**
   * Returns the person who signed in. `query` is the part from `?` on of the address to which the browser came back.
   * Rejects with SignInError.
   */
  async end(query: string, underWay: SignInUnderWay): Promise<AccountIdentity> {
    const provider = await this.provider();
    try {
      const tokens = await authorizationCodeGrant(provider, new URL(query, this.callback), {
        expectedState: underWay.state,
        expectedNonce: underWay.nonce,
        pkceCodeVerifier: underWay.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new SignInError('provider', 'the answer has no id token');
      const isWhole = typeof claims['email'] === 'string';
      const more = isWhole ? {} : await fetchUserInfo(provider, tokens.access_token, claims.sub);
      return this.identityOf({ ...more, ...claims }, accountOf(claims));
    } catch (error) {
      throw error instanceof SignInError
        ? error
        : new SignInError('provider', messageOf(error), { cause: error });
    }
  }

  private identityOf(claims: Readonly<Record<string, unknown>>, account: string): AccountIdentity {
    const { email: told, email_verified: isVerified } = claims;
    const email = typeof told === 'string' ? normalEmail(told) : null;
    if (email === null)
      throw new SignInError('no_email', 'the provider tells no e-mail address', { account });
    // Some providers write the claim as a text.
    if (isVerified !== undefined && isVerified !== true && isVerified !== 'true')
      throw new SignInError('unverified', 'the provider has not verified the e-mail address', { account });
    const groups = claims[this.settings.groupsClaim];
    return {
      email,
      account,
      groups: [groups].flat().filter((group): group is string => typeof group === 'string'),
    };
  }

  /** Asks the provider for its configuration once, and again only after a failure. */
  private async provider(): Promise<Configuration> {
    this.found ??= this.discover();
    try {
      return await this.found;
    } catch (error) {
      this.found = null;
      throw new SignInError('provider', messageOf(error), { cause: error });
    }
  }

  private async discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const address = new URL(issuer);
    const authentication = ClientSecretBasic(clientSecret.reveal());
    // The settings allow plain HTTP on this machine alone.
    const isPlain = address.protocol === 'http:';
    return await discovery(address, clientId, undefined, authentication, {
      timeout: LONGEST_ANSWER_S,
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
    });
  }
}
