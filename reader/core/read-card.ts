import { createHash } from 'node:crypto';
import { readAttributes, type BasicAttributes } from './attributes.ts';
import type { CardPort } from './card-port.ts';
import type { Credential, Medium } from './card-profile.ts';
import { withCard, type CardSession, type OpenApplication } from './card-session.ts';
import {
  answerChipChallenge,
  chipAnswered,
  readChipRecord,
  verifyChipRecord,
} from './chip-proof.ts';
import type { ChipRecord } from './chip-proof.ts';
import type { ChipRoot } from './cv-certificate.ts';
import { ReaderError } from './reader-error.ts';
import { readUserAuthentication, signChallenge } from './user-authentication.ts';
import type { SignatureAlgorithm, UserAuthentication } from './user-authentication.ts';

/** What a reading has to return. */
export interface ReadingRequest {
  /** The card signs this with the user-authentication key after PIN verification. */
  readonly challenge?: Uint8Array;
  /** The chip signs this without a credential. */
  readonly chipChallenge?: Uint8Array;
  /** Also reads the record with the chip's public key, for enrolment; needs the birth date. */
  readonly enrolChip?: boolean;
  /** Also reads the four attributes; needs the input-assistance PIN or verification number B. */
  readonly attributes?: boolean;
  readonly credentials: Credentials;
  /** Credentials whose last try may be used, because the holder has agreed. */
  readonly useLastTry?: readonly Credential[];
  /** Roots of the card-verifiable certificates, needed for enrolment and attributes. */
  readonly roots: readonly ChipRoot[];
  /** From `lookAtCard`: a different card is refused. */
  readonly fingerprint?: string;
}

export interface Credentials {
  /** Four digits, or `pin-pad` if the reader itself asks for the PIN. */
  readonly userAuthenticationPin?: string;
  readonly inputAssistancePin?: string;
  readonly verificationNumberB?: string;
  /** YYMMDD, the year in its era (`birthDateEntry`). */
  readonly birthDate?: string;
}

export const onPinPad = 'pin-pad';

export type Assurance = 'card-signature' | 'chip-presence';

export interface Reading {
  readonly medium: Medium;
  /** User-authentication certificate, DER. Has the sensitivity of a bearer credential. */
  readonly certificate: Uint8Array;
  readonly signature?: { readonly algorithm: SignatureAlgorithm; readonly value: Uint8Array };
  readonly chip?: { readonly signature: Uint8Array; readonly record?: ChipRecord };
  readonly attributes?: BasicAttributes;
  /**
   * What the card proved here. `chip-presence` is valid only once the chip's key is known to be
   * this person's.
   */
  readonly assurance: readonly Assurance[];
}

/**
 * Reads one card in one exclusive session: certificate, signature, chip, and the attributes last.
 * The certificate is compared again at the end, so that one reading cannot combine two cards.
 */
export const readCard = (port: CardPort, request: ReadingRequest): Promise<Reading> =>
  withCard(port, async (session) => {
    const jpki = await openJpki(session);
    const user = await readUserAuthentication(jpki);
    if (request.fingerprint !== undefined && fingerprintOf(user) !== request.fingerprint) {
      throw new ReaderError('card-changed');
    }
    const signature = request.challenge && (await sign(session, jpki, user, request));
    const chip = request.chipChallenge && (await proveChip(session, request));
    const attributes = request.attributes ? await fourAttributes(session, request) : undefined;
    await expectSameCard(session, user);
    return {
      medium: user.medium,
      certificate: user.certificate,
      ...(signature && { signature: { algorithm: user.algorithm, value: signature } }),
      ...(chip && { chip }),
      ...(attributes && { attributes }),
      assurance: [
        ...(signature ? (['card-signature'] as const) : []),
        ...(chip ? (['chip-presence'] as const) : []),
      ],
    };
  });

/** Capabilities of a card, read before a PIN is requested. */
export interface CardOverview {
  readonly medium: Medium;
  /**
   * Identifies this card while it is on the reader; SHA-256 of its certificate, never passed on.
   */
  readonly fingerprint: string;
  /** Remaining tries by credential; undefined if the card does not report them. */
  readonly triesLeft: Readonly<Partial<Record<Credential, number>>>;
  readonly chip: boolean;
  readonly attributes: boolean;
  /** The reader can ask for the PIN itself. */
  readonly pinPad: boolean;
}

/** A separate short session, so that the card is not held while a person enters a PIN. */
export const lookAtCard = (port: CardPort): Promise<CardOverview> =>
  withCard(port, async (session) => {
    const jpki = await openJpki(session);
    const user = await readUserAuthentication(jpki);
    const pin = await jpki.triesLeft('userAuthenticationPin');
    const surface = await session.open('surface');
    const birthDate = await surface?.triesLeft('birthDate');
    const inputAssistance = await session.open('inputAssistance');
    const inputPin = await inputAssistance?.triesLeft('inputAssistancePin');
    const numberB = await inputAssistance?.triesLeft('verificationNumberB');
    const told = Object.entries({
      userAuthenticationPin: pin,
      birthDate,
      inputAssistancePin: inputPin,
      verificationNumberB: numberB,
    }).filter(([, tries]) => tries !== undefined);
    return {
      medium: user.medium,
      fingerprint: fingerprintOf(user),
      triesLeft: Object.fromEntries(told),
      chip: surface !== undefined,
      attributes: inputAssistance !== undefined,
      pinPad: session.hasPinPad,
    };
  });

async function openJpki(session: CardSession): Promise<OpenApplication<'jpki'>> {
  const jpki = await session.open('jpki');
  if (jpki) return jpki;
  throw new ReaderError('card-not-supported');
}

async function sign(
  session: CardSession,
  jpki: OpenApplication<'jpki'>,
  user: UserAuthentication,
  request: ReadingRequest,
): Promise<Uint8Array> {
  const pin = request.credentials.userAuthenticationPin;
  if (pin === undefined) {
    throw new ReaderError('pin-needed', { credential: 'userAuthenticationPin' });
  }
  const useLastTry = mayUseLastTry(request, 'userAuthenticationPin');
  const byPinPad = pin === onPinPad;
  if (byPinPad && !session.hasPinPad) throw new ReaderError('pinpad-failed');
  await (byPinPad
    ? jpki.verifyOnPinPad('userAuthenticationPin', 4, useLastTry)
    : jpki.verify('userAuthenticationPin', pin, useLastTry));
  const signature = await signChallenge(jpki, user, request.challenge!);
  if (signature) return signature;
  // VERIFY was reported successful, but the card has no verified PIN.
  throw new ReaderError(byPinPad ? 'pinpad-unverified' : 'card-reset');
}

async function proveChip(
  session: CardSession,
  request: ReadingRequest,
): Promise<NonNullable<Reading['chip']>> {
  const surface = await session.open('surface');
  if (!surface) throw new ReaderError('pinless-unsupported');
  const challenge = request.chipChallenge!;
  if (!request.enrolChip) return { signature: await answerChipChallenge(surface, challenge) };
  const { birthDate } = request.credentials;
  if (birthDate === undefined) throw new ReaderError('pin-needed', { credential: 'birthDate' });
  const record = await readChipRecord(surface, birthDate, mayUseLastTry(request, 'birthDate'));
  const key = verifyChipRecord(record, request.roots);
  const signature = await answerChipChallenge(surface, challenge);
  if (!chipAnswered(key, challenge, signature)) throw new ReaderError('chip-proof-invalid');
  return { signature, record };
}

async function fourAttributes(
  session: CardSession,
  request: ReadingRequest,
): Promise<BasicAttributes> {
  const { inputAssistancePin, verificationNumberB } = request.credentials;
  if (inputAssistancePin === undefined && verificationNumberB === undefined) {
    throw new ReaderError('pin-needed', { credential: 'verificationNumberB' });
  }
  const application = await session.open('inputAssistance');
  if (!application) throw new ReaderError('attributes-unsupported');
  // If either opens the attributes, number B is used, because it does not open the individual
  // number.
  await (verificationNumberB !== undefined
    ? application.verify(
        'verificationNumberB',
        verificationNumberB,
        mayUseLastTry(request, 'verificationNumberB'),
      )
    : application.verify(
        'inputAssistancePin',
        inputAssistancePin!,
        mayUseLastTry(request, 'inputAssistancePin'),
      ));
  return readAttributes(application, request.roots);
}

const mayUseLastTry = (request: ReadingRequest, credential: Credential): boolean =>
  request.useLastTry?.includes(credential) ?? false;

/** The first octets contain serial and issuer: enough to distinguish two cards. */
async function expectSameCard(session: CardSession, user: UserAuthentication): Promise<void> {
  const jpki = await session.open('jpki');
  const start = await jpki?.readStart('userAuthenticationCertificate', 256);
  if (!start || Buffer.compare(start, user.certificate.subarray(0, 256)) !== 0) {
    throw new ReaderError('card-changed');
  }
}

const fingerprintOf = (user: UserAuthentication): string =>
  createHash('sha256').update(user.certificate).digest('hex');
