import { createHmac, timingSafeEqual } from 'node:crypto';
import { lengthPrefixed } from '../../people/length-prefixed.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';

/** The fields of a challenge, which the card's holder signs. */
export interface ChallengeClaims {
  /** Base URL of the platform that issued it. */
  readonly issuer: string;
  /** The service that the person logs in to. */
  readonly serviceId: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** 128 random bits, base64url. */
  readonly nonce: string;
}

/**
 * Must change with every change of the format, so that an old signature never verifies with a new
 * meaning.
 */
const domain = 'my-key-platform/challenge/1';

/**
 * One line of visible ASCII, so that no editor, shell or JSON encoder alters an octet on the way to
 * the card: `my-key-platform/challenge/1 issuer=… service=… time=… nonce=… mac=…`.
 */
export function challengeText(claims: ChallengeClaims, clientId: string, key: Uint8Array): string {
  const said = saying(claims);
  return `${said} mac=${macOf(said, clientId, key).toString('base64url')}`;
}

/** The fields of the text if this platform issued it to this client; otherwise undefined. */
export function readChallengeText(
  text: string,
  clientId: string,
  key: Uint8Array,
): ChallengeClaims | undefined {
  const [, said, mac] = /^(.{1,1024}) mac=([\w-]{43})$/.exec(text) ?? [];
  if (said === undefined || mac === undefined) return undefined;
  const expected = macOf(said, clientId, key).toString('base64url');
  // Compared as text, because base64url encodings that differ only in unused bits decode to the
  // same octets.
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined;
  const form = /^\S+ issuer=(\S+) service=(\S+) time=(\S+) nonce=(\S+)$/.exec(said);
  if (form === null) return undefined;
  const [, issuer, serviceId, time, nonce] = form as unknown as readonly string[];
  return { issuer: issuer!, serviceId: serviceId!, issuedAt: Date.parse(time!), nonce: nonce! };
}

const starts = (candidate: string): boolean => candidate.trimStart().startsWith(domain);

/**
 * The `detail` for a text that is not a challenge of this client, naming the alteration if it can
 * be recognised. It does not reveal whether another client has this challenge.
 */
export function challengeCure(text: string): string {
  const send = 'send the challenge unchanged and complete';
  const as = (encoding: BufferEncoding): string => Buffer.from(text, encoding).toString('latin1');
  if (starts(text)) {
    if (text !== text.trim()) return `${send}: it has spaces before or after it`;
    if (!text.includes(' mac=')) return `${send}: its end is missing`;
    return `${send}, from the client that requested it`;
  }
  if (/^["'{]/.test(text.trim())) return `${send}: it is enclosed in quotation marks or JSON`;
  if (/^[0-9a-f]+$/i.test(text) && starts(as('hex')))
    return `${send}: this is its hexadecimal text`;
  if (starts(as('base64'))) return `${send}: this is its base64 text`;
  if (/%(?:20|2F|3D)/i.test(text)) return `${send}: this is percent-encoded`;
  return `${send}, from the client that requested it`;
}

/** The octets that the card hashes and signs. */
export const signedOctets = (text: string): Uint8Array => Buffer.from(text, 'ascii');

const saying = ({ issuer, serviceId, issuedAt, nonce }: ChallengeClaims): string =>
  `${domain} issuer=${issuer} service=${serviceId} time=${rfc3339(issuedAt)} nonce=${nonce}`;

/** The MAC includes the client: another client of the same service cannot present the challenge. */
const macOf = (said: string, clientId: string, key: Uint8Array): Buffer =>
  createHmac('sha256', key)
    .update(lengthPrefixed('my-key-platform/challenge', clientId, said))
    .digest();
