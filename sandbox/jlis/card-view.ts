import type { Kind } from './generations.ts';
import { newestCertificate, personOf, serialHex, type Card, type CardSlot } from './registry.ts';
import type { Jlis } from './start-jlis.ts';

/**
 * A card in the control API: without private keys, but with the PIN, because sandbox cards protect
 * nothing.
 */
export function cardView(jlis: Jlis, card: Card): Record<string, unknown> {
  const { cardId, medium, keyType, state, slots } = card;
  const signature = slots['digital-signature'];
  return {
    cardId,
    medium,
    keyType,
    state,
    person: personOf(jlis.registry, card.personId),
    'user-authentication': slotView(jlis, slots['user-authentication']),
    'digital-signature': signature ? slotView(jlis, signature) : null,
  };
}

function slotView(jlis: Jlis, slot: CardSlot): Record<string, unknown> {
  const { anchorId, serial, notBefore, notAfter, municipality, certificate, revocation } =
    newestCertificate(jlis.registry, slot);
  return {
    issuer: anchorId,
    issuerKeyId: jlis.authorities.find(({ id }) => id === anchorId)!.keyId,
    serial: serialHex(serial),
    notBefore: rfc3339(notBefore),
    notAfter: rfc3339(notAfter),
    list: `${anchorId}/${municipality}`,
    revoked: revocation ? { at: rfc3339(revocation.at), reason: revocation.reason } : null,
    pin: slot.pin,
    triesLeft: slot.triesLeft,
    certificate,
  };
}

/** RFC 3339, UTC. */
export const rfc3339 = (at: number): string => new Date(at).toISOString();

export const kindOf = (which: Kind | 'both'): readonly Kind[] =>
  which === 'both' ? ['user-authentication', 'digital-signature'] : [which];
