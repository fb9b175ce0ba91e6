import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { appendEvents, type FeedPorts } from './feed.ts';
import { entryOfPerson, livingSubject } from './find-person.ts';
import { flagOfPerson } from './flags.ts';
import type { ListPage } from './identity-store.ts';
import {
  bucketOf,
  correctionKey,
  correctionPrefix,
  openCorrectionKey,
  openCorrectionPartition,
  openCorrectionPrefix,
  subjectPartition,
} from './layout.ts';
import { peopleLimits } from './limits.ts';
import { actsOn } from './operator-acts.ts';
import { openWith, resealed, type Opened, type RecordPorts, type Standing } from './records.ts';
import { expiryAfter, type Retention } from './retention.ts';
import { seal, versionOf } from './seal.ts';

/**
 * What can be wrong of what is held. A certificate comes from the card, and what the linkage service
 * answers from J-LIS: whoever finds these wrong asks there, or says so under `other`.
 */
export const correctables = [
  /** A service's user number is linked to the person and is not theirs. */
  'user-number',
  /** A consent or notice that a service recorded. */
  'consent',
  /** The record holds what belongs to another person. */
  'record-of-two-persons',
  'other',
] as const;

export type Correctable = (typeof correctables)[number];

export const correctionOutcomes = ['corrected', 'refused', 'passed-to-service'] as const;

export type CorrectionOutcome = (typeof correctionOutcomes)[number];

export interface CorrectionWish {
  readonly about: Correctable;
  /** The service that holds it: of a user number or consent. */
  readonly serviceId?: string;
  /** In the person's words. */
  readonly statement?: string;
}

export interface Correction extends CorrectionWish {
  readonly requestId: string;
  readonly subjectId: string;
  readonly by: 'person' | 'operator';
  /** Milliseconds since 1970. */
  readonly requestedAt: number;
  /** Of a record of two persons: the flag by which operators split it. */
  readonly flagId?: string;
  /** What one operator proposes; a second one approves it. */
  readonly proposal?: CorrectionProposal;
  readonly decided?: { readonly at: number; readonly approvedBy: string };
}

export interface CorrectionProposal {
  readonly outcome: CorrectionOutcome;
  /** Told to the person. */
  readonly reason: string;
  /** The operator's client key. */
  readonly operator: string;
  readonly at: number;
}

/** The place of an undecided request in the operators' list. */
export interface OpenCorrection {
  readonly requestId: string;
  readonly subjectId: string;
}

export interface CorrectionPorts extends FeedPorts {
  readonly retention: Retention;
}

/**
 * Records a person's request. It is kept with the person, and in the operators' list until it is
 * decided; both in one transaction, with the flag of a record of two persons.
 * @param requestId random by default; a repetition with the same id returns the first
 * @throws MyKeyError `rights-act-impossible`: the service does not know the person, or too many
 *   requests are open; `person-not-known`, `dependency-unavailable`
 */
export async function requestCorrection(
  ports: FeedPorts,
  subjectId: string,
  { about, serviceId, statement }: CorrectionWish,
  by: Correction['by'],
  requestId = randomBytes(16).toString('base64url'),
): Promise<Correction> {
  const { store, keys, now } = ports;
  const person = await personOf(ports, subjectId);
  const standing = person.value;
  const earlier = (await correctionsOf(ports, standing)).map(({ value }) => value);
  const same = earlier.find((one) => one.requestId === requestId);
  if (same !== undefined) return same;
  if (earlier.filter(({ decided }) => decided === undefined).length >= peopleLimits.openCorrections)
    impossible('wait until operators have decided one of the open requests');
  const named = about === 'user-number' || about === 'consent' ? serviceId : undefined;
  if (named === undefined && (about === 'user-number' || about === 'consent'))
    impossible('name the service that holds it, as the disclosure does');
  if (named !== undefined && (await entryOfPerson(ports, named, standing)) === undefined)
    impossible('name a service that knows the person, as the disclosure does');
  const flag =
    about === 'record-of-two-persons'
      ? await flagOfPerson(ports, standing.subjectId, `flg_${requestId}`)
      : undefined;
  const correction: Correction = {
    requestId,
    subjectId: standing.subjectId,
    about,
    ...(named !== undefined && { serviceId: named }),
    ...(statement !== undefined && { statement }),
    by,
    requestedAt: now,
    ...(flag && { flagId: flag.flagId }),
  };
  const open: OpenCorrection = { requestId, subjectId: standing.subjectId };
  const [place, listed] = [correctionKey(open.subjectId, requestId), openCorrectionKey(requestId)];
  const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(open.subjectId))]);
  const isWritten = await store.write([
    // A deletion that goes on meanwhile leaves no request behind.
    { change: 'none', key: person.key, was: person.token },
    { change: 'create', record: { ...place, sealed: seal(bucket, place, correction) } },
    { change: 'create', record: { ...listed, sealed: seal(index, listed, open) } },
    ...(flag ? [flag.change] : []),
  ]);
  if (isWritten) return correction;
  throw concurrentWrite('this request');
}

/** Everything that a person asked to be corrected, oldest first. */
export async function correctionsOf(
  { store, keys }: RecordPorts,
  { subjectId, formerly = [] }: Standing,
): Promise<readonly Opened<Correction>[]> {
  const found = await Promise.all(
    [subjectId, ...formerly].map(async (subject) => {
      const records = await store.list(subjectPartition(subject), correctionPrefix);
      return Promise.all(
        records.map(async (record) =>
          openWith<Correction>(
            record,
            await keys.bucket(bucketOf(subject), versionOf(record.sealed)),
          ),
        ),
      );
    }),
  );
  return found.flat().toSorted((one, other) => one.value.requestedAt - other.value.requestedAt);
}

export interface CorrectionPage {
  readonly corrections: readonly Correction[];
  /** The id that the next page follows; undefined on the last page. */
  readonly next?: string;
}

/** Undecided requests, in arbitrary order. */
export async function listCorrections(
  ports: RecordPorts,
  { after, limit }: ListPage,
): Promise<CorrectionPage> {
  const open = await openCorrections(ports, {
    ...(after !== undefined && { after: openCorrectionKey(after).sk }),
    limit,
  });
  const found = await Promise.all(open.map(({ value }) => readCorrection(ports, value)));
  return {
    corrections: found.flatMap((one) => (one === undefined ? [] : [one.value])),
    ...(open.length === limit && { next: open.at(-1)!.value.requestId }),
  };
}

/** Places in the operators' list: all of them, or a page. */
export async function openCorrections(
  { store, keys }: RecordPorts,
  page?: ListPage,
): Promise<readonly Opened<OpenCorrection>[]> {
  const places = await store.list(openCorrectionPartition, openCorrectionPrefix, page);
  return Promise.all(
    places.map(async (record) =>
      openWith<OpenCorrection>(record, await keys.index(versionOf(record.sealed))),
    ),
  );
}

/**
 * One operator proposes an outcome. A later proposal replaces an earlier one until a second operator
 * has approved.
 * @throws MyKeyError `rights-request-not-found`; `rights-act-impossible`: the outcome does not fit the
 *   request; `dependency-unavailable`
 */
export async function proposeOutcome(
  ports: CorrectionPorts,
  requestId: string,
  proposal: Omit<CorrectionProposal, 'at'>,
): Promise<Correction> {
  const { correction } = await undecided(ports, requestId);
  await requireFitting(ports, correction.value, proposal.outcome);
  const value = { ...correction.value, proposal: { ...proposal, at: ports.now } };
  const key = await ports.keys.bucket(bucketOf(value.subjectId));
  const record = resealed(correction.record, key, value);
  if (await ports.store.write([{ change: 'replace', record, was: correction.token }])) return value;
  throw concurrentWrite('this request');
}

/**
 * A second operator approves the proposed outcome: the request leaves the list in the same
 * transaction. A service to which it is passed is told afterwards; whoever is interrupted repeats the
 * call, and the feed recognises the event.
 * @throws MyKeyError `rights-request-not-found`, `second-operator-needed`; `rights-act-impossible`:
 *   nothing is proposed, or no act corrected the record; `dependency-unavailable`
 */
export async function approveOutcome(
  ports: CorrectionPorts,
  requestId: string,
  approvedBy: string,
): Promise<Correction> {
  const { store, keys, now } = ports;
  const { correction, place } = await undecided(ports, requestId);
  const { proposal, subjectId } = correction.value;
  if (proposal === undefined) impossible('propose an outcome first: none is proposed');
  if (proposal.operator === approvedBy)
    throw new MyKeyError(
      'second-operator-needed',
      'let another operator approve: this one proposed the outcome',
    );
  await requireFitting(ports, correction.value, proposal.outcome);
  // Told first: afterwards the request is no longer listed, and nothing would repeat it.
  if (proposal.outcome === 'passed-to-service') await tellService(ports, correction.value);
  const decided: Correction = { ...correction.value, decided: { at: now, approvedBy } };
  const content = resealed(correction.record, await keys.bucket(bucketOf(subjectId)), decided);
  const record = { ...content, expiresAt: expiryAfter(now, ports.retention.decidedRequestsMs) };
  const isWritten = await store.write([
    { change: 'replace', record, was: correction.token },
    { change: 'delete', key: place.key, was: place.token },
  ]);
  if (isWritten) return decided;
  throw concurrentWrite('this request');
}

/** Deletes a person's requests, each with its place in the operators' list. True if there were any. */
export async function eraseCorrections(
  { store }: RecordPorts,
  subjectId: string,
): Promise<boolean> {
  const records = await store.list(subjectPartition(subjectId), correctionPrefix);
  for (const record of records) {
    const place = await store.read(openCorrectionKey(record.sk.slice(correctionPrefix.length)));
    const erased = [record, ...(place ? [place] : [])];
    await store.write(
      erased.map(({ pk, sk, token }) => ({ change: 'delete', key: { pk, sk }, was: token })),
    );
  }
  return records.length > 0;
}

async function requireFitting(
  ports: RecordPorts,
  { about, subjectId, requestedAt }: Correction,
  outcome: CorrectionOutcome,
): Promise<void> {
  const isOfService = about === 'user-number' || about === 'consent';
  if (outcome === 'passed-to-service' && !isOfService)
    impossible('correct or refuse it: no service holds what the request is about');
  if (outcome !== 'corrected') return;
  if (isOfService) impossible('pass it to the service, which alone can correct what it recorded');
  if (about !== 'record-of-two-persons') return;
  const { value: standing } = await personOf(ports, subjectId);
  const acts = await actsOn(ports, standing);
  if (!acts.some(({ kind, at }) => kind === 'split' && at >= requestedAt))
    impossible('split the record first, by the flag of the request');
}

async function tellService(
  ports: FeedPorts,
  { subjectId, serviceId, about, requestId }: Correction,
): Promise<void> {
  const { value: standing } = await personOf(ports, subjectId);
  const entry = await entryOfPerson(ports, serviceId!, standing);
  if (entry === undefined) return;
  const { ppid } = entry.value;
  const event = {
    type: 'person.correction-requested',
    at: ports.now,
    reason: about,
    source: 'operator',
    cause: `correction ${requestId}`,
    ppid,
  } as const;
  await appendEvents(ports, serviceId!, [event]);
}

async function undecided(
  ports: RecordPorts,
  requestId: string,
): Promise<{
  readonly correction: Opened<Correction>;
  readonly place: Opened<OpenCorrection>;
}> {
  const { store, keys } = ports;
  const record = await store.read(openCorrectionKey(requestId));
  const place =
    record && openWith<OpenCorrection>(record, await keys.index(versionOf(record.sealed)));
  const correction = place && (await readCorrection(ports, place.value));
  if (place !== undefined && correction !== undefined) return { correction, place };
  throw new MyKeyError(
    'rights-request-not-found',
    'list the open requests: none of this id waits for a decision',
  );
}

export async function readCorrection(
  { store, keys }: RecordPorts,
  { requestId, subjectId }: OpenCorrection,
): Promise<Opened<Correction> | undefined> {
  const record = await store.read(correctionKey(subjectId, requestId));
  return (
    record && openWith(record, await keys.bucket(bucketOf(subjectId), versionOf(record.sealed)))
  );
}

async function personOf(ports: RecordPorts, subjectId: string): Promise<Opened<Standing>> {
  const found = await livingSubject(ports, subjectId);
  if (found !== undefined) return found;
  throw new MyKeyError(
    'person-not-known',
    'nothing needs to be done: this platform holds no record of the person',
  );
}

function impossible(why: string): never {
  throw new MyKeyError('rights-act-impossible', why);
}
