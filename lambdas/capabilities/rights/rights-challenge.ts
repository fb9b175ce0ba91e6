import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { lengthPrefixed } from '../../people/length-prefixed.ts';
import type { CardAct } from '../../people/rights.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import { rightsLimits } from './limits.ts';

export interface RightsChallenge {
  /** ASCII text; the card signs its octets. */
  readonly text: string;
  readonly act: CardAct;
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Differs from the domain of a login's challenge: a signature for a service is never a signature
 * for an act upon the record, nor the reverse. Must change with every change of the format.
 */
const domain = 'my-key-platform/rights/1';

/**
 * One line of visible ASCII, `my-key-platform/rights/1 issuer=… act=… time=… nonce=… mac=…`. The
 * person signs the very act: a signature for a disclosure deletes nothing.
 */
export function createRightsChallenge(
  act: CardAct,
  issuer: string,
  key: Uint8Array,
  now: number,
): RightsChallenge {
  const nonce = randomBytes(16).toString('base64url');
  const said = `${domain} issuer=${issuer} act=${act} time=${rfc3339(now)} nonce=${nonce}`;
  const text = `${said} mac=${macOf(said, key).toString('base64url')}`;
  return { text, act, nonce, expiresAt: now + rightsLimits.challengeMs };
}

/**
 * Reads no table: the MAC and the time in the text suffice.
 * @throws MyKeyError `challenge-not-found`, `challenge-expired`
 */
export function openRightsChallenge(text: string, key: Uint8Array, now: number): RightsChallenge {
  const [, said, mac] = /^(.{1,1024}) mac=([\w-]{43})$/.exec(text) ?? [];
  const form = /^\S+ issuer=\S+ act=(\S+) time=(\S+) nonce=(\S+)$/.exec(said ?? '');
  const isOurs =
    said !== undefined &&
    mac !== undefined &&
    timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(said, key).toString('base64url')));
  if (!isOurs || form === null)
    throw new MyKeyError(
      'challenge-not-found',
      'send a challenge of POST /v1/rights/challenges, unchanged and complete',
    );
  const [, act, time, nonce] = form as unknown as readonly string[];
  const expiresAt = Date.parse(time!) + rightsLimits.challengeMs;
  if (expiresAt <= now) throw new MyKeyError('challenge-expired', 'request a new challenge');
  return { text, act: act as CardAct, nonce: nonce!, expiresAt };
}

const macOf = (said: string, key: Uint8Array): Buffer =>
  createHmac('sha256', key)
    .update(lengthPrefixed('my-key-platform/rights-challenge', said))
    .digest();
