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

/**
 * What to do about a text that is no challenge of this client: how it was altered, where that shows.
 * Whether another client has it is not told.
 */
export function challengeCure(text: string): string {
  const send = 'send the challenge as it was given, every character of it';
  const starts = (candidate: string): boolean => candidate.trimStart().startsWith(domain);
  const as = (encoding: BufferEncoding): string => Buffer.from(text, encoding).toString('latin1');
  if (starts(text)) {
    if (text !== text.trim()) return `${send}: there are blanks before or behind it`;
    if (!text.includes(' mac=')) return `${send}: its end is missing`;
    return `${send}, from the client that took it`;
  }
  if (/^["'{]/.test(text.trim())) return `${send}: it stands in quotation marks or JSON`;
  if (/^[0-9a-f]+$/i.test(text) && starts(as('hex')))
    return `${send}: this is its hexadecimal text`;
  if (starts(as('base64'))) return `${send}: this is its base64 text`;
  if (/%(?:20|2F|3D)/i.test(text)) return `${send}: this is percent-encoded`;
  return `${send}, from the client that took it`;
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
