import type { KeyType } from '../pki/signing.ts';
import { spkiOf } from '../pki/signing.ts';
import { generatePrivateKey, signerOf, type Authority } from './authority.ts';
import { acceptablePin, pinTries, slotOf } from './card-signing.ts';
import { anchorId, currentGeneration, generations, kinds, validAt } from './generations.ts';
import type { Generation, GenerationLabel, Kind } from './generations.ts';
import { issueLeaf } from './leaf-certificate.ts';
import { municipalityOf } from './municipalities.ts';
import { addressIn, ageAt, endOfBirthday, inventPerson } from './person.ts';
import type { Person, PersonRequest } from './person.ts';
import { cardOf, newestCertificate, personOf } from './registry.ts';
import type { Card, CardSlot, CertificateRecord, Medium, Reason, Registry } from './registry.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';

/** State on which the events of a card's life operate. */
export interface Office {
  readonly registry: Registry;
  readonly authorities: readonly Authority[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface CardRequest {
  /** An existing inhabitant; otherwise a new one is invented. */
  readonly personId?: string;
  readonly person?: PersonRequest;
  readonly medium?: Medium;
  readonly keyType?: KeyType;
  readonly generation?: GenerationLabel;
  /** Milliseconds since 1970; now by default. A date in the past gives a card that expires soon. */
  readonly issuedAt?: number;
  readonly pin?: string;
  readonly password?: string;
  /** false if the person declines one; people under 15 never get one. */
  readonly signatureCertificate?: boolean;
}

const mediumKey: Readonly<Record<Medium, KeyType>> = {
  card: 'rsa-2048',
  'next-generation-card': 'P-384',
  phone: 'P-256',
};

export const defaultPin = '1234';
export const defaultPassword = 'SANDBOX1';

export async function issueCard(office: Office, request: CardRequest): Promise<Card> {
  const { registry } = office;
  const medium = request.medium ?? 'card';
  const keyType = request.keyType ?? mediumKey[medium];
  const at = wholeSecond(request.issuedAt ?? office.now());
  const generation = generationFor(medium, request.generation, at);
  const pins = {
    'user-authentication': acceptablePin('user-authentication', request.pin ?? defaultPin),
    'digital-signature': acceptablePin('digital-signature', request.password ?? defaultPassword),
  };
  const person = request.personId
    ? livingPerson(registry, request.personId)
    : inventPerson(registry.persons.length + 1, request.person ?? {});
  const wanted = kinds.filter(
    (kind) =>
      kind === 'user-authentication' ||
      (request.signatureCertificate !== false && ageAt(person.birthDate, at) >= signatureAge),
  );
  // Before the first await: cards issued concurrently must go to different people.
  if (!request.personId) registry.persons.push(person);
  const signed = await Promise.all(
    wanted.map(async (kind) => {
      const privateKey = await generatePrivateKey(keyType);
      return signCertificate(office, { person, medium, keyType, kind, generation, at, privateKey });
    }),
  );
  const [authentication, signature] = signed;
  const card: Card = {
    cardId: `card-${registry.cards.length + 1}`,
    personId: person.personId,
    medium,
    keyType,
    state: 'active',
    slots: { 'user-authentication': emptySlot(authentication!, pins) },
  };
  if (signature) card.slots['digital-signature'] = emptySlot(signature, pins);
  registry.cards.push(card);
  for (const each of signed) file(office, card, each);
  return card;
}

/** Not issued below this age (docs/jpki.md: certificates). */
const signatureAge = 15;

/**
 * New keys and certificates on the same card. The old ones are revoked as superseded, and the
 * linkage service returns the old serial as predecessor of the new.
 */
export async function renewCard(office: Office, cardId: string): Promise<Card> {
  const card = activeCard(office, cardId);
  const at = wholeSecond(office.now());
  const generation = generationFor(card.medium, undefined, at);
  const renewing = kinds.filter((kind) => card.slots[kind]);
  const { medium, keyType } = card;
  const person = personOf(office.registry, card.personId);
  const signed = await Promise.all(
    renewing.map(async (kind) => {
      const privateKey = await generatePrivateKey(keyType);
      return signCertificate(office, { person, medium, keyType, kind, generation, at, privateKey });
    }),
  );
  for (const each of signed) {
    const old = newestCertificate(office.registry, slotOf(card, each.kind));
    revoke(old, at, 'superseded');
    file(office, card, each, each.kind === 'user-authentication' ? old : undefined);
  }
  return card;
}

export interface AttributeChange {
  readonly municipality?: string;
  readonly address?: string;
  readonly name?: string;
  /**
   * false: the old signature certificate is revoked and the person has not yet requested a new one.
   */
  readonly reissue?: boolean;
}

/**
 * After a move or a change of name, the signature certificate's attributes are outdated and it is
 * revoked with affiliationChanged; the user-authentication certificate stays valid (docs/jpki.md:
 * revocation).
 */
export async function changeAttributes(
  office: Office,
  cardId: string,
  change: AttributeChange,
): Promise<Card> {
  const card = activeCard(office, cardId);
  const { registry } = office;
  const person = personOf(registry, card.personId);
  const municipality = municipalityOf(change.municipality ?? person.municipality).code;
  const at = wholeSecond(office.now());
  const holders = registry.cards.filter(
    (candidate) => candidate.personId === person.personId && candidate.state === 'active',
  );
  const moved: Person = {
    ...person,
    municipality,
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.address === undefined && change.municipality === undefined
      ? {}
      : { address: change.address ?? addressIn(municipality, registry.certificates.length) }),
  };
  const kind = 'digital-signature';
  const signed = await Promise.all(
    holders.map(async ({ slots, medium, keyType }) => {
      if (!slots[kind] || change.reissue === false) return undefined;
      const generation = generationFor(medium, undefined, at);
      const privateKey = await generatePrivateKey(keyType);
      return signCertificate(office, {
        person: moved,
        medium,
        keyType,
        kind,
        generation,
        at,
        privateKey,
      });
    }),
  );
  registry.persons[registry.persons.indexOf(personOf(registry, person.personId))] = moved;
  for (const [i, holder] of holders.entries()) {
    const slot = holder.slots[kind];
    if (!slot) continue;
    revoke(newestCertificate(registry, slot), at, 'affiliationChanged');
    if (signed[i]) file(office, holder, signed[i]);
  }
  return card;
}

/**
 * The holder reports the card lost: its certificates are put on hold, which is never released here.
 */
export function loseCard(office: Office, cardId: string): Card {
  const card = activeCard(office, cardId);
  card.state = 'lost';
  revokeCard(office, card, 'certificateHold');
  return card;
}

/** Revokes every card of the person (cessationOfOperation). */
export function recordDeath(office: Office, cardId: string): Card {
  const card = cardOf(office.registry, cardId);
  const { registry } = office;
  const person = livingPerson(registry, card.personId);
  registry.persons[registry.persons.indexOf(person)] = { ...person, died: true };
  for (const held of registry.cards.filter((other) => other.personId === card.personId)) {
    revokeCard(office, held, 'cessationOfOperation');
    if (held.state === 'active') held.state = 'returned';
  }
  return card;
}

/**
 * A new card for the same person, after loss or damage. The linkage service returns the old
 * certificate as predecessor of the new unless `linked` is false, for a person without a link.
 */
export async function replaceCard(office: Office, cardId: string, linked = true): Promise<Card> {
  const old = cardOf(office.registry, cardId);
  if (old.state !== 'active' && old.state !== 'lost') {
    throw new SandboxRefusal(409, 'card-state', `this card is ${old.state}`);
  }
  const predecessor = newestCertificate(office.registry, old.slots['user-authentication']);
  const fresh = await issueCard(office, {
    personId: old.personId,
    medium: old.medium,
    keyType: old.keyType,
    pin: old.slots['user-authentication'].pin,
    signatureCertificate: old.slots['digital-signature'] !== undefined,
  });
  revokeCard(office, old, 'superseded');
  old.state = 'replaced';
  if (!linked) return fresh;
  const record = newestCertificate(office.registry, fresh.slots['user-authentication']);
  const { anchorId: anchor, serial } = predecessor;
  Object.assign(record, { predecessor: { anchorId: anchor, serial } });
  return fresh;
}

/** Revokes the newest certificate of a kind, or of both, for any documented reason. */
export function revokeCard(
  office: Office,
  card: Card,
  reason: Reason,
  which: readonly Kind[] = kinds,
): void {
  for (const kind of which) {
    const slot = card.slots[kind];
    if (slot) revoke(newestCertificate(office.registry, slot), wholeSecond(office.now()), reason);
  }
}

/** A revoked certificate keeps its first revocation date and reason. */
function revoke(record: CertificateRecord, at: number, reason: Reason): void {
  record.revocation ??= { at, reason };
}

interface NewCertificate {
  readonly person: Person;
  readonly medium: Medium;
  readonly keyType: KeyType;
  readonly kind: Kind;
  readonly generation: Generation;
  readonly at: number;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

type SignedCertificate = NewCertificate & Omit<CertificateRecord, 'cardId' | 'revocation'>;

async function signCertificate(office: Office, asked: NewCertificate): Promise<SignedCertificate> {
  const { kind, person, generation, at } = asked;
  const authority = office.authorities.find(
    (candidate) => candidate.id === anchorId(kind, generation.label),
  )!;
  const years = asked.medium === 'next-generation-card' ? 10 : 5;
  const serial = office.registry.nextSerial[kind]++;
  const validity = {
    notBefore: at,
    notAfter: Math.min(endOfBirthday(person.birthDate, at, years), generation.notAfter),
  };
  const certificate = await issueLeaf(authority, {
    serial,
    spki: spkiOf(signerOf(asked.privateKey, asked.keyType)),
    person,
    municipality: municipalityOf(person.municipality),
    ...validity,
  });
  return {
    ...asked,
    ...validity,
    anchorId: authority.id,
    serial,
    municipality: person.municipality,
    certificate: certificate.toString('base64'),
  };
}

/** Adds a key and its certificate to the card together. */
function file(
  { registry }: Office,
  card: Card,
  signed: SignedCertificate,
  predecessor?: CertificateRecord,
): void {
  const slot = slotOf(card, signed.kind);
  slot.privateKey = signed.privateKey;
  const { anchorId: anchor, serial } = signed;
  registry.certificates.push({
    anchorId: anchor,
    serial,
    cardId: card.cardId,
    municipality: signed.municipality,
    notBefore: signed.notBefore,
    notAfter: signed.notAfter,
    certificate: signed.certificate,
    ...(predecessor && {
      predecessor: { anchorId: predecessor.anchorId, serial: predecessor.serial },
    }),
  });
  slot.certificates.push({ anchorId: anchor, serial });
}

const emptySlot = (
  { kind, privateKey }: SignedCertificate,
  pins: Readonly<Record<Kind, string>>,
): CardSlot => ({ privateKey, pin: pins[kind], triesLeft: pinTries[kind], certificates: [] });

function generationFor(medium: Medium, label: GenerationLabel | undefined, at: number): Generation {
  const generation = label
    ? generations.find((candidate) => candidate.label === label && validAt(candidate, at))
    : currentGeneration(medium === 'card' ? 'today' : 'next', at);
  if (generation) return generation;
  throw new SandboxRefusal(409, 'authority-not-valid', 'no such authority is valid at that time');
}

function activeCard(office: Office, cardId: string): Card {
  const card = cardOf(office.registry, cardId);
  livingPerson(office.registry, card.personId);
  if (card.state === 'active') return card;
  throw new SandboxRefusal(409, 'card-state', `this card is ${card.state}`);
}

function livingPerson(registry: Registry, personId: string): Person {
  const person = personOf(registry, personId);
  if (!person.died) return person;
  throw new SandboxRefusal(409, 'person-dead', 'the person has died');
}

const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000;
