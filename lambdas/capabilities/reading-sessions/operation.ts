import { randomBytes } from 'node:crypto';
import {
  protocolVersion,
  type Instructions,
  type ReadingResult,
} from '../../../reader/protocol.ts';
import type { ReaderCode } from '../../../reader/core/codes.ts';
import { isCodedError, MyKeyError, type ErrorCode } from '../../errors.ts';
import { enrolChip } from '../../people/chips.ts';
import { seal, unseal, versionOf } from '../../people/seal.ts';
import { authenticate, type AuthenticationPorts } from '../authentications/operation.ts';
import { signedOctets } from '../challenges/challenge-text.ts';
import { createChallenge } from '../challenges/operation.ts';
import { pemOf, provenChipKey } from './chip-verdict.ts';
import { recogniseHeldCard } from './hold.ts';
import { readingLimits } from './limits.ts';
import { authenticationFor, nameFor } from './library-form.ts';
import { hasAttributes, isHold, permitReading, requireMyKeyIdForm } from './permitted-reading.ts';
import {
  derivedBearer,
  digestOf,
  fitsDigest,
  newBearer,
  sessionOfBearer,
  type Opener,
  type ReadingSession,
  type ReadingSessionMode,
  type ReadingSessions,
} from './reading-session.ts';
import { attributesForSession } from './sealed-attributes.ts';
import type { CheckQuota } from '../revocation-checks/check-quota.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { terminalOf } from '../terminals/operation.ts';
import type { Terminals } from '../terminals/terminal.ts';
import type { Assurance } from '../services/service.ts';

export interface ReadingPorts {
  readonly sessions: ReadingSessions;
  /** Services with their registered terms. */
  readonly services: Pick<ServiceRegistry, 'service'>;
  /** Cards held without a PIN, by service and day. */
  readonly holds: CheckQuota;
  readonly terminals: Pick<Terminals, 'read'>;
  readonly authentication: AuthenticationPorts;
}

/** The outcome of a reading. */
export type ReadingOutcome =
  | {
      readonly outcome: 'read';
      readonly ppid?: string;
      /** Library, instead of the PPID. */
      readonly myKeyId?: string;
      readonly assurance: Assurance;
      /** The chip is enrolled and can be recognised without a PIN from now on. */
      readonly chipEnrolled: boolean;
      readonly readAt: number;
      /** A compact JWE for the service, once. */
      readonly attributes?: string;
      /** Modes with attributes: what became of them. */
      readonly attributesStatus?: 'handed-over' | 'taken-before' | 'expired';
    }
  /** This platform refused the reading. */
  | { readonly outcome: 'refused'; readonly code: ErrorCode }
  /** The reader program failed to read a card; the code is its own. */
  | { readonly outcome: 'failed'; readonly code: ReaderCode };

export interface OpenedSession {
  readonly sessionId: string;
  /** Returned once, to the service that opens the session. */
  readonly ticket: string;
  readonly expiresAt: number;
}

/**
 * Opens a session under the terms that the service has registered.
 * @throws MyKeyError `hold-not-permitted`, `assurance-insufficient`, `encryption-key-missing`,
 *   `service-form-wrong`, `quota-exceeded`, `dependency-unavailable`
 */
export async function openSession(
  wish: {
    readonly mode: ReadingSessionMode;
    readonly enrolChip: boolean;
    readonly myKeyId?: { readonly choice?: string | undefined } | undefined;
  },
  opener: Opener,
  { sessions, services, holds, authentication }: ReadingPorts,
): Promise<OpenedSession> {
  const { now } = authentication.identity;
  if (wish.myKeyId !== undefined) requireMyKeyIdForm(opener.serviceType);
  const service = await services.service(opener.serviceId);
  const attributesKey = await permitReading(wish.mode, service, holds, now);
  const sessionId = `rse_${randomBytes(16).toString('base64url')}`;
  const { token: ticket, digest: ticketDigest } = newBearer(sessionId);
  await sessions.create({
    sessionId,
    opener,
    ...wish,
    ...(attributesKey !== undefined && { attributesKey }),
    openedAt: now,
    ticketDigest,
    state: 'waiting',
  });
  return { sessionId, ticket, expiresAt: now + readingLimits.ticketMs };
}

export interface TicketClaim {
  readonly ticket: string;
  /** The token of the reader program's terminal. */
  readonly terminal?: string | undefined;
  readonly protocol: number;
  readonly agentVersion: string;
  /** Random token of the claim; the claim repeated with it is the same claim. */
  readonly attempt?: string | undefined;
}

/**
 * The agent's first call: uses up the ticket and returns what to read. Repeated with the same
 * `attempt` after an unknown outcome, it returns the same, until a result is reported.
 * @param issuer this platform's base URL, as in the challenge
 * @throws MyKeyError `agent-outdated`, `ticket-invalid`, `terminal-not-paired`, `ticket-used`,
 *   `hold-not-permitted`, `dependency-unavailable`
 */
export async function claimTicket(
  claim: TicketClaim,
  issuer: string,
  ports: ReadingPorts,
): Promise<Instructions> {
  requireAgent(claim);
  // A second round where another call, perhaps a first try of this one, wrote at the same moment.
  for (let round = 0; round < 2; round++) {
    const instructions = await claimOnce(claim, issuer, ports);
    if (instructions !== undefined) return instructions;
  }
  throw ticketUsed();
}

/** @returns undefined if another call changed the session meanwhile */
async function claimOnce(
  { ticket, terminal: terminalToken, attempt }: TicketClaim,
  issuer: string,
  ports: ReadingPorts,
): Promise<Instructions | undefined> {
  const { sessions, terminals, authentication } = ports;
  const { now } = authentication.identity;
  const [found, terminal] = await Promise.all([
    sessionOf(ticket, sessions),
    terminalOf(terminals, terminalToken),
  ]);
  if (found === undefined || !fitsDigest(ticket, found.session.ticketDigest)) {
    throw ticketInvalid();
  }
  const { session, version } = found;
  if (terminal?.serviceId !== session.opener.serviceId) {
    throw new MyKeyError(
      'terminal-not-paired',
      'pair the reader program: npx mykey reader pair, with a code of the service',
    );
  }
  if (terminal.unattended && isHold(session.mode)) {
    throw new MyKeyError(
      'hold-not-permitted',
      'use a mode with PIN: nobody watches this terminal, which is registered as unattended',
    );
  }
  const { attemptDigest } = session.claim ?? {};
  const isRepeated =
    session.state === 'reading' &&
    attempt !== undefined &&
    attemptDigest !== undefined &&
    fitsDigest(attempt, attemptDigest);
  if (session.state !== 'waiting' && !isRepeated) throw ticketUsed();
  if (session.openedAt + readingLimits.ticketMs <= now) throw ticketInvalid();
  const { token: resultToken, digest: resultTokenDigest } =
    attempt === undefined
      ? newBearer(session.sessionId)
      : derivedBearer(session.sessionId, 'result', ticket, attempt);
  if (isRepeated) return instructionsOf(session, resultToken, ports);
  const { mode, enrolChip: enrols, opener } = session;
  const challenge = isHold(mode)
    ? undefined
    : (await createChallenge(opener, issuer, authentication.challengeKey, now)).text;
  const chipChallenge = isHold(mode) || enrols ? randomBytes(32).toString('base64url') : undefined;
  const claimed: ReadingSession = {
    ...session,
    state: 'reading',
    claim: {
      claimedAt: now,
      resultTokenDigest,
      ...(attempt !== undefined && { attemptDigest: digestOf(attempt) }),
      ...(challenge !== undefined && { challenge }),
      ...(chipChallenge !== undefined && { chipChallenge }),
    },
  };
  if ((await sessions.replace(claimed, version)) === undefined) return undefined;
  return instructionsOf(claimed, resultToken, ports);
}

function instructionsOf(
  { sessionId, mode, enrolChip: enrols, attributesKey, claim }: ReadingSession,
  resultToken: string,
  { authentication }: ReadingPorts,
): Instructions {
  const { challenge, chipChallenge } = claim ?? {};
  const needsRoots = enrols || hasAttributes(mode);
  const roots = needsRoots ? (authentication.validation.profile.chipRoots ?? []) : [];
  return {
    resultToken,
    sessionId,
    mode,
    ...(challenge !== undefined && {
      challenge: Buffer.from(signedOctets(challenge)).toString('base64url'),
    }),
    ...(chipChallenge !== undefined && { chipChallenge }),
    enrolChip: enrols,
    ...(attributesKey !== undefined && { attributesKey: { ...attributesKey } }),
    chipRoots: roots.map((root) => ({ keyId: root.keyId, publicKey: pemOf(root) })),
    timeoutMs: readingLimits.cardMs,
  };
}

/**
 * The agent's second call. It uses up the result token, whatever the outcome; only the same result
 * may be sent again after an unknown outcome, and has the same effect and answer. The service gets
 * the outcome; the agent only learns whether it was accepted.
 * @throws RefusedCertificate; MyKeyError `ticket-invalid`, `ticket-used`, and the codes of a
 *   refused reading
 * @returns the outcome for the log, and the one-time code with which the service gets it
 */
export async function reportResult(
  resultToken: string | undefined,
  result: ReadingResult,
  ports: ReadingPorts,
): Promise<{ readonly outcome: ReadingOutcome; readonly handover: string }> {
  const { sessions, authentication } = ports;
  const { now } = authentication.identity;
  const found = resultToken === undefined ? undefined : await sessionOf(resultToken, sessions);
  const claim = found?.session.claim;
  if (
    found === undefined ||
    claim === undefined ||
    !fitsDigest(resultToken!, claim.resultTokenDigest)
  ) {
    throw ticketInvalid();
  }
  // The result token is part of it and not stored: the digest of a short result cannot be guessed.
  const reportDigest = digestOf(JSON.stringify([resultToken, result]));
  const isRepeated = found.session.reportDigest === reportDigest;
  if (found.session.state !== 'reading' && !isRepeated) throw ticketUsed();
  if (claim.claimedAt + readingLimits.readingMs <= now) throw ticketInvalid();
  const { token: handover, digest: handoverDigest } = derivedBearer(
    found.session.sessionId,
    'handover',
    resultToken!,
    reportDigest,
  );
  if (found.session.state === 'ended') {
    const outcome = (await openOutcome(found.session, ports))!;
    if (outcome.outcome !== 'refused') return { outcome, handover };
    throw new MyKeyError(outcome.code, 'this result was refused: open a new reading session');
  }
  const session: ReadingSession = { ...found.session, state: 'reported', reportDigest };
  const reported = await sessions.replace(session, found.version);
  if (reported === undefined) throw ticketUsed();
  const end = async (outcome: ReadingOutcome): Promise<void> => {
    const sealed = await sealOutcome(session, outcome, ports);
    await sessions.replace(
      { ...session, state: 'ended', outcome: sealed, handoverDigest },
      reported,
    );
  };
  try {
    const outcome = await judge(result, session, ports);
    await end(outcome);
    return { outcome, handover };
  } catch (error) {
    await end({ outcome: 'refused', code: isCodedError(error) ? error.code : 'internal-error' });
    throw error;
  }
}

export interface SessionView {
  readonly session: ReadingSession;
  readonly outcome: ReadingOutcome | undefined;
}

/** @throws MyKeyError `reading-session-not-found`, also of another service; `reading-session-expired` */
export async function readSession(
  sessionId: string,
  { serviceId }: Pick<Opener, 'serviceId'>,
  ports: ReadingPorts,
): Promise<SessionView> {
  const found = await ports.sessions.read(sessionId);
  if (found === undefined || found.session.opener.serviceId !== serviceId) throw sessionNotFound();
  return deliver(found.session, found.version, ports);
}

/**
 * The outcome for the one-time code that the page passed to the service.
 * @throws MyKeyError `reading-session-not-found`, also of another service; `handover-used`,
 *   `reading-session-expired`
 */
export async function redeemHandover(
  handover: string,
  { serviceId }: Pick<Opener, 'serviceId'>,
  ports: ReadingPorts,
): Promise<SessionView> {
  // A second round where the service fetched the outcome by the session's id at the same moment.
  for (let round = 0; round < 2; round++) {
    const found = await sessionOf(handover, ports.sessions);
    if (found === undefined || found.session.opener.serviceId !== serviceId)
      throw sessionNotFound();
    const { handoverDigest, handoverUsed } = found.session;
    if (handoverDigest === undefined || !fitsDigest(handover, handoverDigest)) {
      throw sessionNotFound();
    }
    if (handoverUsed) break;
    const used: ReadingSession = { ...found.session, handoverUsed: true };
    const version = await ports.sessions.replace(used, found.version);
    if (version !== undefined) return deliver(used, version, ports);
  }
  throw new MyKeyError('handover-used', 'fetch the outcome by the id of the session instead');
}

const sessionNotFound = (): MyKeyError =>
  new MyKeyError('reading-session-not-found', 'no such reading session of this service');

/**
 * The outcome, with the encrypted attributes at the first time only: they are erased before they are
 * handed over, so that no two calls can get them.
 */
async function deliver(
  session: ReadingSession,
  version: string,
  ports: ReadingPorts,
): Promise<SessionView> {
  const { now } = ports.authentication.identity;
  if (session.openedAt + readingLimits.keptMs <= now) {
    throw new MyKeyError('reading-session-expired', 'open a new reading session');
  }
  const outcome = await openOutcome(session, ports);
  if (outcome?.outcome !== 'read' || outcome.attributes === undefined) return { session, outcome };
  const { attributes: _, ...withoutAttributes } = outcome;
  const isLate = outcome.readAt + readingLimits.attributesKeptMs <= now;
  const left = {
    ...withoutAttributes,
    attributesStatus: isLate ? 'expired' : 'taken-before',
  } as const;
  const erased = { ...session, outcome: await sealOutcome(session, left, ports) };
  const isErased = (await ports.sessions.replace(erased, version)) !== undefined;
  return { session, outcome: isErased && !isLate ? outcome : left };
}

async function judge(
  result: ReadingResult,
  session: ReadingSession,
  ports: ReadingPorts,
): Promise<ReadingOutcome> {
  if (result.outcome === 'failed') return { outcome: 'failed', code: result.code };
  const { opener, mode, enrolChip: enrols, claim } = session;
  const authentication = authenticationFor(opener.serviceType, ports.authentication);
  const { identity, validation } = authentication;
  const certificate = octets(result.certificate);
  const wantsChip = isHold(mode) || enrols;
  const attributes = attributesForSession(result.attributes, session);
  if (wantsChip && result.chip === undefined) {
    throw new MyKeyError('pinless-unsupported', 'the medium has no chip that answers: use the PIN');
  }
  const chipChallenge = octets(claim?.chipChallenge ?? '');
  const read = {
    outcome: 'read',
    readAt: identity.now,
    ...(attributes !== undefined && { attributes, attributesStatus: 'handed-over' as const }),
  } as const;
  if (isHold(mode)) {
    const chipSignature = octets(result.chip!.signature);
    const held = { certificate, chipChallenge, chipSignature };
    const { ppid } = await recogniseHeldCard(held, opener, authentication);
    const named = await nameFor(opener, ppid, identity);
    return { ...read, ...named, assurance: 'chip-presence', chipEnrolled: true };
  }
  if (result.signature === undefined) {
    throw new MyKeyError('challenge-signature-invalid', 'the card signs the challenge');
  }
  const publicKey = enrols
    ? provenChipKey(chipAnswer(result.chip!), chipChallenge, validation.profile.chipRoots ?? [])
    : undefined;
  const login = await authenticate(
    {
      challenge: claim!.challenge!,
      certificate,
      signature: octets(result.signature.value),
      method: 'auto',
      // The challenge belongs to one reading, of which one result is judged.
      requestToken: session.sessionId,
      ...opener,
    },
    authentication,
  );
  const { ppid } = login;
  const issue = session.myKeyId && { certificate: login.certificate, ...session.myKeyId };
  const named = await nameFor(opener, ppid, identity, issue);
  if (publicKey !== undefined) {
    const chip = { certificate: login.certificate, publicKey };
    await enrolChip(identity, opener.serviceId, ppid, chip);
  }
  return { ...read, ...named, assurance: 'card-signature', chipEnrolled: enrols };
}

/** Checked before any look-up, so that an outdated agent does not use up a ticket. */
function requireAgent({ protocol, agentVersion }: TicketClaim): void {
  const minimum = numbersOf(readingLimits.minimumAgentVersion)!;
  const given = numbersOf(agentVersion);
  const first = given?.findIndex((number, at) => number !== minimum[at]) ?? -1;
  const isOlder = given === undefined || (first >= 0 && given[first]! < minimum[first]!);
  if (protocol === protocolVersion && !isOlder) return;
  throw new MyKeyError(
    'agent-outdated',
    `update the reader program: version ${readingLimits.minimumAgentVersion} at least`,
  );
}

const numbersOf = (version: string): readonly number[] | undefined =>
  /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(version)?.slice(1).map(Number);

function sessionOf(token: string, sessions: ReadingSessions): ReturnType<ReadingSessions['read']> {
  const sessionId = sessionOfBearer(token);
  return sessionId === undefined ? Promise.resolve(undefined) : sessions.read(sessionId);
}

/** The stored outcome contains a PPID, so it is encrypted and bound to the session. */
async function sealOutcome(
  { sessionId, opener }: ReadingSession,
  outcome: ReadingOutcome,
  { authentication }: ReadingPorts,
): Promise<string> {
  const key = await authentication.identity.keys.service(opener.serviceId);
  return Buffer.from(seal(key, placeOf(sessionId), outcome)).toString('base64');
}

async function openOutcome(
  { sessionId, opener, outcome }: ReadingSession,
  { authentication }: ReadingPorts,
): Promise<ReadingOutcome | undefined> {
  if (outcome === undefined) return undefined;
  const sealed = Buffer.from(outcome, 'base64');
  const key = await authentication.identity.keys.service(opener.serviceId, versionOf(sealed));
  return unseal(key, placeOf(sessionId), sealed) as ReadingOutcome;
}

const placeOf = (sessionId: string) => ({ pk: `READING#${sessionId}`, sk: 'READING' });

const chipAnswer = (chip: NonNullable<Extract<ReadingResult, { outcome: 'read' }>['chip']>) => ({
  signature: octets(chip.signature),
  ...(chip.record !== undefined && { record: octets(chip.record) }),
  ...(chip.cvCertificate !== undefined && { cvCertificate: octets(chip.cvCertificate) }),
});

const octets = (text: string): Uint8Array => Buffer.from(text, 'base64url');

const ticketInvalid = (): MyKeyError =>
  new MyKeyError('ticket-invalid', 'open a new reading session');

const ticketUsed = (): MyKeyError => new MyKeyError('ticket-used', 'open a new reading session');
