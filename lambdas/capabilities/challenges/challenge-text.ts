import { createHmac, timingSafeEqual } from 'node:crypto';
import { lengthPrefixed } from '../../people/length-prefixed.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';

/** What a challenge says, and the card's holder signs. */
export interface ChallengeClaims {
  /** The platform that made it. */
  readonly issuer: string;
  /** The service that the person logs in to. */
  readonly serviceId: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** 128 random bits, base64url. */
  readonly nonce: string;
}

/** Changes with every change of the form: an old signature must never fit a new meaning. */
const domain = 'my-key-platform/challenge/1';

/**
 * One line of visible ASCII, so that no editor, shell or JSON changes an octet on its way to the card:
 * `my-key-platform/challenge/1 issuer=… service=… time=… nonce=… mac=…`.
 */
export function challengeText(claims: ChallengeClaims, clientId: string, key: Uint8Array): string {
  const said = saying(claims);
  return `${said} mac=${macOf(said, clientId, key).toString('base64url')}`;
}

/** What the text says, if this platform made it for this client; undefined for anything else. */
export function readChallengeText(
  text: string,
  clientId: string,
  key: Uint8Array,
): ChallengeClaims | undefined {
  const [, said, mac] = /^(.{1,1024}) mac=([\w-]{43})$/.exec(text) ?? [];
  if (said === undefined || mac === undefined) return undefined;
  const expected = macOf(said, clientId, key).toString('base64url');
  // Compared as text: base64url has spellings of one octet string that only differ in unused bits.
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined;
  const form = /^\S+ issuer=(\S+) service=(\S+) time=(\S+) nonce=(\S+)$/.exec(said);
  if (form === null) return undefined;
  const [, issuer, serviceId, time, nonce] = form as unknown as readonly string[];
  return { issuer: issuer!, serviceId: serviceId!, issuedAt: Date.parse(time!), nonce: nonce! };
}

/** The octets that the card hashes and signs. */
export const signedOctets = (text: string): Uint8Array => Buffer.from(text, 'ascii');

const saying = ({ issuer, serviceId, issuedAt, nonce }: ChallengeClaims): string =>
  `${domain} issuer=${issuer} service=${serviceId} time=${rfc3339(issuedAt)} nonce=${nonce}`;

/** Bound to the client: another client of the same service cannot present it. */
const macOf = (said: string, clientId: string, key: Uint8Array): Buffer =>
  createHmac('sha256', key)
    .update(lengthPrefixed('my-key-platform/challenge', clientId, said))
    .digest();
