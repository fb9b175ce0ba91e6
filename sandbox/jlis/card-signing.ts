import { createPrivateKey, sign } from 'node:crypto';
import type { Kind } from './generations.ts';
import type { Card, CardSlot } from './registry.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';

/** Wrong entries until the PIN is blocked (docs/jpki.md: the card's signature). */
export const pinTries: Readonly<Record<Kind, number>> = {
  'user-authentication': 3,
  'digital-signature': 5,
};

export const pinForm: Readonly<Record<Kind, RegExp>> = {
  'user-authentication': /^\d{4}$/,
  'digital-signature': /^[A-Z0-9]{6,16}$/,
};

export function slotOf(card: Card, kind: Kind): CardSlot {
  const slot = card.slots[kind];
  if (slot) return slot;
  throw new SandboxRefusal(409, 'certificate-none', `this card carries no ${kind} certificate`);
}

/**
 * VERIFY: a correct PIN resets the counter; a wrong one uses up a try; without tries left the PIN
 * is blocked (`6984`).
 */
export function verifyPin(slot: CardSlot, kind: Kind, pin: string): void {
  if (slot.triesLeft === 0) {
    throw new SandboxRefusal(423, 'pin-blocked', 'the PIN is blocked (6984)', { triesLeft: 0 });
  }
  if (pin !== slot.pin) {
    slot.triesLeft -= 1;
    const { triesLeft } = slot;
    throw new SandboxRefusal(403, 'pin-wrong', `wrong PIN (63C${triesLeft})`, { triesLeft });
  }
  slot.triesLeft = pinTries[kind];
}

/**
 * The card's signature over a challenge. RSA: PKCS#1 v1.5 over a DigestInfo of SHA-256. P-256:
 * ECDSA with SHA-256, P-384: ECDSA with SHA-384, both as DER. A lost card still signs: only
 * revocation prevents its use.
 */
export function signWithCard(card: Card, kind: Kind, pin: string, challenge: Uint8Array): Buffer {
  const slot = slotOf(card, kind);
  verifyPin(slot, kind, pin);
  const hash = card.keyType === 'P-384' ? 'sha384' : 'sha256';
  return sign(hash, challenge, createPrivateKey(slot.privateKey));
}

/** A municipal counter's reset: a new PIN with all tries. */
export function resetPin(card: Card, kind: Kind, pin: string): void {
  const slot = slotOf(card, kind);
  slot.pin = acceptablePin(kind, pin);
  slot.triesLeft = pinTries[kind];
}

export function acceptablePin(kind: Kind, pin: string): string {
  if (pinForm[kind].test(pin)) return pin;
  throw new SandboxRefusal(
    400,
    'pin-form',
    kind === 'user-authentication'
      ? 'this PIN has four digits'
      : 'this password has 6 to 16 capital letters and digits',
  );
}
