import { tellServices } from './announcements.ts';
import { listBehalf } from './behalf.ts';
import { referenceOf } from './certificate-reference.ts';
import { eraseCorrections } from './corrections.ts';
import type { FeedPorts } from './feed.ts';
import { listFlags } from './flags.ts';
import type { IdentityRecord, RecordChange } from './identity-store.ts';
import { actPrefix, deletionPartition, deletionPrefix, subjectPartition } from './layout.ts';
import { peopleLimits } from './limits.ts';
import { findMyKeyId, readMyKeyIds, retired } from './my-key-id-records.ts';
import { allProposals, subjectsOf } from './proposed-acts.ts';
import {
  findOwner,
  listHeld,
  listRegistrations,
  openWith,
  readChipOwner,
  readEntry,
  readPpidOwner,
  readStanding,
  readUserNumber,
  resealed,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { dayOf, type DueDeletion } from './rights.ts';
import { versionOf } from './seal.ts';

export interface SweepPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Stops before the next person; the next run continues. */
  readonly timeIsUp: () => boolean;
}

export interface SweptDeletions {
  readonly deleted: number;
  /** Requests that were cancelled. */
  readonly dropped: number;
  /** True if the time was up before all that is due was done. */
  readonly unfinished: boolean;
}

/**
 * Executes the deletions that are due. Each person's deletion resumes where a run before it ended.
 * Looks back `peopleLimits.sweptDays` days, so that days without a run are made up for.
 */
export async function sweepDeletions(ports: SweepPorts): Promise<SweptDeletions> {
  let deleted = 0;
  let dropped = 0;
  for (let back = peopleLimits.sweptDays; back >= 0; back--) {
    for (const due of await dueOn(dayOf(ports.now - back * 86_400_000), ports)) {
      if (ports.timeIsUp()) return { deleted, dropped, unfinished: true };
      const standing = await readStanding(ports, due.value.subjectId);
      const { deletion } = standing?.value ?? {};
      // A later request of the same person stands in the list of its own day.
      const isMine = deletion !== undefined && dayOf(deletion.dueAt) === due.value.day;
      if (isMine && deletion.dueAt > ports.now) continue;
      if (standing !== undefined && isMine) {
        if (!(await erasePerson(standing, ports))) continue;
        deleted += 1;
      } else dropped += 1;
      await ports.store.write([{ change: 'delete', key: due.key, was: due.token }]);
    }
  }
  return { deleted, dropped, unfinished: false };
}

async function dueOn(day: string, { store, keys }: RecordPorts) {
  const listed = await Promise.all(
    keys.versions.map(async (version) => {
      const partition = deletionPartition(await keys.index(version), day);
      const found = await store.list(partition, deletionPrefix);
      return Promise.all(
        found.map(async (record) =>
          openWith<DueDeletion>(record, await keys.index(versionOf(record.sealed))),
        ),
      );
    }),
  );
  return listed.flat();
}

/**
 * Deletes everything under a person, and everything that leads to it. The standing says first that
 * the deletion has begun, and goes last: until then every look-up ends at a person who is refused,
 * and an interrupted deletion can be found and continued. Each step removes a record together with
 * what leads to it, in one transaction.
 * @returns false if a concurrent call changed the standing first: nothing was deleted, read again
 */
export async function erasePerson(standing: Opened<Standing>, ports: FeedPorts): Promise<boolean> {
  const { store, keys } = ports;
  const { subjectId, formerly = [], deletion } = standing.value;
  if (deletion !== undefined && !deletion.begun) {
    const begun = { ...standing.value, deletion: { ...deletion, begun: true } };
    const record = resealed(standing.record, await keys.index(), begun);
    if (!(await store.write([{ change: 'replace', record, was: standing.token }]))) return false;
  }
  // Told before the PPIDs are gone; a repetition after a crash is no second event.
  await tellServices(ports, standing.value, {
    type: 'person.deleted',
    at: ports.now,
    source: 'person',
    cause: `person.deleted ${deletion?.requestedAt ?? 0}`,
  });
  const subjects = [...formerly, subjectId];
  // A login that read the person before may still write: what is listed is repeated until empty.
  for (let left = true; left;) {
    left = false;
    for (const subject of subjects) left = (await eraseUnder(subject, ports)) || left;
  }
  for (const flag of await listFlags(ports)) {
    if (flag.value.subjects.some((subject) => subjects.includes(subject)))
      await store.write([{ change: 'delete', key: flag.key, was: flag.token }]);
  }
  for (const request of await listBehalf(ports)) {
    if (subjects.includes(request.value.subjectId))
      await store.write([{ change: 'delete', key: request.key, was: request.token }]);
  }
  for (const proposal of await allProposals(ports)) {
    if (subjectsOf(proposal.value.act).some((subject) => subjects.includes(subject)))
      await store.write([{ change: 'delete', key: proposal.key, was: proposal.token }]);
  }
  for (const subject of subjects) {
    const last = await readStanding(ports, subject);
    if (last) await store.write([{ change: 'delete', key: last.key, was: last.token }]);
  }
  return true;
}

/** True if there was anything. */
async function eraseUnder(subjectId: string, ports: RecordPorts): Promise<boolean> {
  const { store } = ports;
  const [registrations, held] = await Promise.all([
    listRegistrations(ports, subjectId),
    listHeld(ports, subjectId),
  ]);
  for (const { value, record } of registrations) {
    const { serviceId, chip } = value;
    const entry = await readEntry(ports, serviceId, subjectId);
    const { ppid, userNumber } = entry?.value ?? {};
    const leading = await Promise.all([
      ppid === undefined ? undefined : readPpidOwner(ports, serviceId, ppid),
      userNumber === undefined ? undefined : readUserNumber(ports, serviceId, userNumber),
      chip && readChipOwner(ports, serviceId, Buffer.from(chip.publicKey, 'base64')),
    ]);
    const [owner, number, chipOwner] = leading;
    const itsNumber = number?.value.link?.ppid === ppid ? number : undefined;
    await store.write([owner, itsNumber, chipOwner, entry, { record }].flatMap(erased));
  }
  for (const { value, record } of held) {
    const owner = await findOwner(ports, referenceOf(value.certificate));
    // A split moved the certificate: its index leads elsewhere.
    const mine = owner?.value.subjectId === subjectId ? owner : undefined;
    await store.write([...erased(mine), ...erased({ record })]);
  }
  const acts = await store.list(subjectPartition(subjectId), actPrefix);
  for (const record of acts) await store.write(erased({ record }));
  const hadCorrections = await eraseCorrections(ports, subjectId);
  const ids = await readMyKeyIds(ports, subjectId);
  if (ids !== undefined) {
    const owners = await Promise.all(
      ids.value.issued.map(({ myKeyId }) => findMyKeyId(ports, myKeyId)),
    );
    const index = await ports.keys.index();
    const left = owners.filter((owner) => owner?.value.subjectId !== undefined);
    await store.write([...left.map((owner) => retired(owner!, index)), ...erased(ids)]);
  }
  const listed = registrations.length + held.length + acts.length;
  return listed > 0 || hadCorrections || ids !== undefined;
}

const erased = (found: { readonly record: IdentityRecord } | undefined): readonly RecordChange[] =>
  found === undefined
    ? []
    : [
        {
          change: 'delete',
          key: { pk: found.record.pk, sk: found.record.sk },
          was: found.record.token,
        },
      ];
