import { MyKeyError } from '../errors.ts';
import {
  keptReference,
  type CertificateReference,
  type KeptReference,
} from './certificate-reference.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { livingSubject } from './find-person.ts';
import type { RecordChange } from './identity-store.ts';
import { bucketOf, myKeyIdIndexKey, myKeyIdKey } from './layout.ts';
import { peopleLimits } from './limits.ts';
import { randomMyKeyId, withCheckCharacter } from './my-key-id.ts';
import { openWith, resealed, type Opened, type RecordPorts, type Standing } from './records.ts';
import { seal, versionOf } from './seal.ts';

/** A My Key ID as its holder's record keeps it. Times are milliseconds since 1970. */
export interface IssuedMyKeyId {
  readonly myKeyId: string;
  /** The user-authentication certificate against which it was issued. */
  readonly certificate: KeptReference;
  readonly issuedAt: number;
  readonly revokedAt?: number;
}

/** All that were issued to a person, oldest first; at most the last is in force. */
export interface MyKeyIds {
  readonly subjectId: string;
  readonly issued: readonly IssuedMyKeyId[];
}

/**
 * Look-up by My Key ID. Without subject: it was revoked, and is never issued again, so that no
 * library meets another person under it.
 */
export interface MyKeyIdOwner {
  readonly myKeyId: string;
  readonly subjectId?: string;
}

interface IssuePorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Issues a My Key ID, chosen or random. Who has one in force keeps it, whatever is chosen: revoke it
 * first. Concurrent calls end in one.
 * @param choice seven symbols of `myKeyIdAlphabet`; the check character follows them
 * @throws MyKeyError `my-key-id-taken`: the choice was issued before, to any person;
 *   `person-not-known`, `dependency-unavailable`
 */
export async function issueMyKeyId(
  ports: IssuePorts,
  subject: string,
  certificate: CertificateReference,
  choice?: string,
): Promise<IssuedMyKeyId> {
  const { store, keys, now } = ports;
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const person = await known(ports, subject);
    const { subjectId } = person.value;
    const [inForce] = (await idsInForce(ports, person.value)).map(({ issued }) => issued);
    if (inForce !== undefined) return inForce;
    const held = await readMyKeyIds(ports, subjectId);
    const myKeyId = choice === undefined ? randomMyKeyId() : withCheckCharacter(choice);
    if ((await findMyKeyId(ports, myKeyId)) !== undefined) {
      if (choice === undefined) continue;
      throw new MyKeyError('my-key-id-taken', 'choose other characters: this My Key ID was issued');
    }
    const issued: IssuedMyKeyId = {
      myKeyId,
      certificate: keptReference(certificate),
      issuedAt: now,
    };
    const index = await keys.index();
    const place = myKeyIdIndexKey(index, myKeyId);
    const owner: MyKeyIdOwner = { myKeyId, subjectId };
    const value: MyKeyIds = { subjectId, issued: [...(held?.value.issued ?? []), issued] };
    const written = await store.write([
      { change: 'none', key: person.key, was: person.token },
      { change: 'create', record: { ...place, sealed: seal(index, place, owner) } },
      await keeping(ports, held, value),
    ]);
    if (written) return issued;
  }
  throw concurrentWrite('this person');
}

/**
 * Revokes the My Key ID in force; the next `issueMyKeyId` issues another one. Of merged records that
 * had one each, all are revoked: the person means that none shall be accepted. Each record is written by
 * itself, as all of them may exceed one transaction, and the person's own last: until it is revoked, a
 * repetition finds what an interrupted call left.
 * @returns the one of the person's own record
 * @throws MyKeyError `my-key-id-not-found`: none is in force; `person-not-known`,
 *   `dependency-unavailable`
 */
export async function revokeMyKeyId(ports: IssuePorts, subject: string): Promise<IssuedMyKeyId> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const { value: standing } = await known(ports, subject);
    const found = await idsInForce(ports, standing);
    if (found.length === 0) throw notFound();
    let isLost = false;
    for (const one of found.toReversed()) {
      isLost = !(await revokeOne(ports, one));
      if (isLost) break;
    }
    if (!isLost) return { ...found[0]!.issued, revokedAt: ports.now };
  }
  throw concurrentWrite('this person');
}

interface InForce {
  readonly held: Opened<MyKeyIds>;
  readonly issued: IssuedMyKeyId;
}

/** False: another call wrote the record at the same time. */
async function revokeOne(ports: IssuePorts, { held, issued }: InForce): Promise<boolean> {
  const owner = await findMyKeyId(ports, issued.myKeyId);
  const others = held.value.issued.slice(0, -1);
  const value = { ...held.value, issued: [...others, { ...issued, revokedAt: ports.now }] };
  const changes = [await keeping(ports, held, value)];
  if (owner !== undefined) changes.push(retired(owner, await ports.keys.index()));
  return ports.store.write(changes);
}

/** My Key IDs in force: of the person's own record first, then of those that merges absorbed. */
export async function idsInForce(
  ports: RecordPorts,
  { subjectId, formerly = [] }: Standing,
): Promise<readonly InForce[]> {
  const records = await Promise.all(
    [subjectId, ...formerly].map((subject) => readMyKeyIds(ports, subject)),
  );
  return records.flatMap((held) => {
    const issued = held?.value.issued.at(-1);
    return held === undefined || issued === undefined || issued.revokedAt !== undefined
      ? []
      : [{ held, issued }];
  });
}

/** The person who holds a My Key ID that is in force. Suspended persons are found; see `suspended`. */
export async function personOfMyKeyId(
  ports: RecordPorts,
  myKeyId: string,
): Promise<Opened<Standing> | undefined> {
  const subjectId = (await findMyKeyId(ports, myKeyId))?.value.subjectId;
  return subjectId === undefined ? undefined : livingSubject(ports, subjectId);
}

/** All My Key IDs of one subject. */
export async function readMyKeyIds(
  { store, keys }: RecordPorts,
  subjectId: string,
): Promise<Opened<MyKeyIds> | undefined> {
  const record = await store.read(myKeyIdKey(subjectId));
  return (
    record && openWith(record, await keys.bucket(bucketOf(subjectId), versionOf(record.sealed)))
  );
}

/** The change that leaves a My Key ID without its person, so that it is never issued again. */
export const retired = (
  owner: Opened<MyKeyIdOwner>,
  index: Parameters<typeof resealed>[1],
): RecordChange => {
  const value: MyKeyIdOwner = { myKeyId: owner.value.myKeyId };
  return { change: 'replace', record: resealed(owner.record, index, value), was: owner.token };
};

export async function findMyKeyId(
  { store, keys }: RecordPorts,
  myKeyId: string,
): Promise<Opened<MyKeyIdOwner> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(myKeyIdIndexKey(await keys.index(version), myKeyId));
    if (found !== undefined) return openWith(found, await keys.index(versionOf(found.sealed)));
  }
  return undefined;
}

async function keeping(
  { keys }: RecordPorts,
  held: Opened<MyKeyIds> | undefined,
  value: MyKeyIds,
): Promise<RecordChange> {
  const bucket = await keys.bucket(bucketOf(value.subjectId));
  if (held !== undefined)
    return { change: 'replace', record: resealed(held.record, bucket, value), was: held.token };
  const place = myKeyIdKey(value.subjectId);
  return { change: 'create', record: { ...place, sealed: seal(bucket, place, value) } };
}

async function known(ports: RecordPorts, subjectId: string): Promise<Opened<Standing>> {
  const found = await livingSubject(ports, subjectId);
  if (found !== undefined) return found;
  throw new MyKeyError('person-not-known', 'log the person in first: there is no record');
}

const notFound = (): MyKeyError =>
  new MyKeyError('my-key-id-not-found', 'issue one first: no My Key ID is in force');
