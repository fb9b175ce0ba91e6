import { deepEqual, equal, ok } from 'node:assert/strict';
import { isCodedError } from '../../../lambdas/errors.ts';
import { correctionsOf } from '../../../lambdas/people/corrections.ts';
import { discloseTo } from '../../../lambdas/people/disclosure.ts';
import { holderOf, personOfPpid } from '../../../lambdas/people/find-person.ts';
import type { DerivedKey } from '../../../lambdas/people/identity-keys.ts';
import { bucketOf, subjectPartition } from '../../../lambdas/people/layout.ts';
import { exportLinks, findLink } from '../../../lambdas/people/links.ts';
import { personOfMyKeyId } from '../../../lambdas/people/my-key-id-records.ts';
import { findOwner } from '../../../lambdas/people/records.ts';
import { unseal } from '../../../lambdas/people/seal.ts';
import type { PersonEvent } from '../../../lambdas/people/person-event.ts';
import { Authorities, dayMs, hourMs, referenceTo, services, start, yearMs } from './environment.ts';
import { Platform, type Kill } from './platform.ts';
import {
  apply,
  entryAt,
  newModel,
  peopleOf,
  ppidAt,
  requestInWords,
  seenInModel,
  unheard,
  type ExpectedEvent,
  type Model,
  type Operation,
  type Part,
} from './reference-model.ts';

/** The certificates of the authorities of the fixtures end ten years after their start. */
const lastDay = start + 9.5 * yearMs;

interface Reader {
  after: number | undefined;
  lastRead: number;
}

/** The platform beside the model: each step is done by both. */
export class Life {
  readonly jlis = new Authorities();
  readonly platform = new Platform(this.jlis);
  model: Model = newModel();
  now = start;
  operations = 0;
  /** Requests for correction so far, for their ids. */
  asked = 0;
  #newKeysAt = start;
  readonly #readers = new Map<string, Reader>(
    services.map(({ serviceId }) => [serviceId, { after: undefined, lastRead: start }]),
  );
  /** Of deleted persons' records, as far as they were seen. */
  readonly #subjects = new Map<string, Part>();

  async begin(people: number): Promise<void> {
    for (let n = 0; n < people; n++) this.jlis.issue(this.now, n % 5 !== 0);
    await this.publish();
  }

  /** A moment later; no two operations are at the same time. */
  #tick(): number {
    this.now += 1_000;
    return this.now;
  }

  /** One call. Killed at one of its writes, it is repeated by its caller. */
  async call(operation: Operation, kill?: Kill): Promise<void> {
    this.operations += 1;
    this.platform.kill = kill;
    const now = this.#tick();
    const heard = await this.platform.run(operation, now);
    this.platform.kill = undefined;
    if (heard !== undefined) {
      this.#agree(operation, heard, now);
      const seen = await this.platform.seenOf([operation], now);
      const unlike = differing(seen, seenInModel(this.model, [operation]));
      if (unlike !== undefined) throw new Error(`${JSON.stringify(operation)}: ${unlike}`);
      return;
    }
    const again = this.#tick();
    const repeated = await this.platform.run(operation, again);
    // It was done before the answer was lost, or it was not: what is seen now tells.
    const seen = await this.platform.seenOf([operation], again);
    const said: string[] = [];
    for (const wasDone of [true, false]) {
      const tried = structuredClone(this.model);
      if (wasDone) apply(tried, operation, unheard, now, this.jlis);
      const outcome = heardOf(operation, repeated!);
      const instead =
        apply(tried, operation, outcome, again, this.jlis) ??
        differing(seen, seenInModel(tried, [operation]));
      said.push(String(instead));
      if (instead !== undefined) continue;
      this.model = tried;
      return;
    }
    throw new Error(`${JSON.stringify(operation)} killed: ${repeated}, not ${said.join(' or ')}`);
  }

  #agree(operation: Operation, heard: string, now: number): void {
    const instead = apply(this.model, operation, heardOf(operation, heard), now, this.jlis);
    if (instead !== undefined)
      throw new Error(`${JSON.stringify(operation)}: ${heard}, the model says ${instead}`);
  }

  /** Calls at the same time: what they answer must be what some order of them gives. */
  async together(operations: readonly Operation[], pause: () => number): Promise<void> {
    this.operations += operations.length;
    const moments = operations.map(() => this.#tick());
    this.platform.pause = pause;
    const heard = await Promise.all(
      operations.map((operation, n) => this.platform.run(operation, moments[n]!)),
    );
    this.platform.pause = () => 0;
    const seen = await this.platform.seenOf(operations, this.now);
    const why: string[] = [];
    for (const order of ordersOf(operations.length)) {
      const tried = structuredClone(this.model);
      const wrong = order.find((n) => {
        // A lost race is answered so, and has no effect.
        if (heard[n] === 'dependency-unavailable') return false;
        const outcome = heardOf(operations[n]!, heard[n]!);
        const said = apply(tried, operations[n]!, outcome, moments[n]!, this.jlis);
        if (said !== undefined) why.push(`${operations[n]!.does}: ${said}`);
        return said !== undefined;
      });
      if (wrong !== undefined) continue;
      const unlike = differing(seen, seenInModel(tried, operations));
      if (unlike !== undefined) {
        why.push(unlike);
        continue;
      }
      this.model = tried;
      return;
    }
    throw new Error(
      `no order of ${JSON.stringify(operations)} gives ${JSON.stringify(heard)}: ${why.join('; ')}`,
    );
  }

  async publish(kill?: Kill): Promise<void> {
    await this.platform.publish(this.#tick());
    await this.call({ does: 'tell-of-list' }, kill);
  }

  /** Days pass; the sweep runs each month, readers read unless they are away. */
  async wait(days: number, readersAreAway: boolean): Promise<void> {
    for (let left = days; left > 0 && this.now < lastDay; left -= 28) {
      if (!readersAreAway) await this.readFeeds();
      this.now += Math.min(left, 28) * dayMs;
      this.model.listsAreFresh = false;
      this.platform.table.expire(this.now);
      this.#expire();
      await this.call({ does: 'sweep' });
      await this.call({ does: 'deliver' });
    }
    if (days > 1) this.model.listsAreFresh = false;
  }

  /** Events that nobody read within 30 days are gone, and requests decided long ago. */
  #expire(): void {
    for (const [id, { keptUntil }] of this.model.requests)
      if (keptUntil !== undefined && keptUntil < this.now) this.model.requests.delete(id);
    for (const feed of this.model.feeds.values()) {
      const kept = feed.unread.filter(({ expiresAt }) => expiresAt >= this.now);
      feed.unread.splice(0, feed.unread.length, ...kept);
    }
  }

  /** Not within 31 days of the one before: events are not re-sealed (docs/identifiers.md). */
  async newKeyVersion(kill: Kill | undefined): Promise<void> {
    if (this.now - this.#newKeysAt < 32 * dayMs) return;
    this.#newKeysAt = this.now;
    this.platform.kill = kill;
    await this.platform.newKeyVersion(this.#tick());
    this.platform.kill = undefined;
  }

  async readFeeds(): Promise<void> {
    this.now += hourMs;
    for (const { serviceId } of services) await this.#readFeed(serviceId);
  }

  async #readFeed(serviceId: string): Promise<void> {
    const reader = this.#readers.get(serviceId)!;
    const seen: PersonEvent[] = [];
    for (;;) {
      try {
        const page = await this.platform.readFeed(serviceId, reader.after, this.now);
        // No number is left out.
        if (reader.after !== undefined) equal(page.last, reader.after + page.events.length);
        reader.after = page.last;
        seen.push(...page.events);
        if (!page.more) break;
      } catch (error) {
        if (!isCodedError(error) || error.code !== 'cursor-too-old') throw error;
        ok(this.now - reader.lastRead > 28 * dayMs);
        deepEqual(seen, []);
        reader.after = undefined;
      }
    }
    reader.lastRead = this.now;
    const hour = Math.floor(this.now / hourMs);
    const { unread } = this.model.feeds.get(serviceId)!;
    const due = unread.filter((event) => event.hour < hour);
    unread.splice(0, unread.length, ...unread.filter((event) => event.hour >= hour));
    equal(seen.map(nameOf).toSorted().join(', '), due.map(nameOf).toSorted().join(', '));
    for (const ppid of new Set(due.map((event) => event.ppid))) {
      const ordered = due
        .filter((event) => event.ppid === ppid)
        .toSorted((one, other) => one.hour - other.hour || one.order - other.order);
      const theirs = seen.filter((event) => event.ppid === ppid);
      // Those of one moment are in any order.
      equal(
        JSON.stringify(inMoments(theirs.map(nameOf), ordered)),
        JSON.stringify(inMoments(ordered.map(nameOf), ordered)),
      );
    }
  }

  /** Compares what is readable with the model, whole. */
  async settle(): Promise<void> {
    this.jlis.outage = false;
    await this.call({ does: 'sweep' });
    await this.call({ does: 'deliver' });
    await this.readFeeds();
    await this.#peopleAreApart();
    await this.#linksAreUnique();
    await this.#correctionsAreKept();
    await this.#goneIsGone();
  }

  /** One person, one subject; every PPID finds it, at its own service only. */
  async #peopleAreApart(): Promise<void> {
    const ports = this.platform.ports(this.now);
    const subjects = new Map<unknown, string>();
    for (const [name, part] of this.model.issued) {
      const [serviceId, ppid] = name.split(' ') as [string, string];
      const found = await personOfPpid(ports, serviceId, ppid);
      const subject = found!.value.subjectId;
      equal(subjects.get(part.person) ?? subject, subject);
      subjects.set(part.person, subject);
      this.#subjects.set(subject, part);
      for (const stranger of services) {
        if (this.model.issued.has(`${stranger.serviceId} ${ppid}`)) continue;
        equal(await personOfPpid(ports, stranger.serviceId, ppid), undefined);
      }
      const told = await discloseTo(ports, found!.value);
      ok(told.services.some((one) => one.ppid === ppid));
    }
    equal(new Set(subjects.values()).size, subjects.size);
    for (const [serial, person] of this.model.filed) {
      const subject = subjects.get(person);
      const owner = await findOwner(ports, referenceTo('user', serial));
      ok(owner);
      if (subject !== undefined && person.parts.length === 1) equal(owner.value.subjectId, subject);
    }
    for (const [myKeyId, part] of this.model.myKeyIds) {
      const found = await personOfMyKeyId(ports, myKeyId);
      if (part === undefined) equal(found, undefined);
      else equal(found!.value.subjectId, subjects.get(part.person) ?? found!.value.subjectId);
    }
  }

  async #linksAreUnique(): Promise<void> {
    const ports = this.platform.ports(this.now);
    const used = services.filter(({ serviceId }) =>
      [...this.model.numbers.keys()].some((name) => name.startsWith(`${serviceId} `)),
    );
    for (const { serviceId } of used) {
      const numbers = new Map<string, string>();
      const holders = new Set<string>();
      for (let from: number | undefined = 0; from !== undefined;) {
        const page = await exportLinks(ports, serviceId, from);
        for (const { ppid, userNumber } of page.links) {
          ok(!numbers.has(userNumber));
          numbers.set(userNumber, ppid);
          const { person } = this.model.issued.get(`${serviceId} ${ppid}`)!;
          const current = ppidAt(person, serviceId)!;
          const back = await findLink(ports, serviceId, { userNumber });
          equal(`${back.ppid} ${back.userNumber}`, `${current} ${userNumber}`);
          // The number of a record that was merged into one with another number.
          if (entryAt(person, serviceId)!.numbers.get(serviceId) !== userNumber) continue;
          const linked = await findLink(ports, serviceId, { ppid: current });
          equal(linked.userNumber, userNumber);
          // Both ways, and one person has one number.
          ok(!holders.has(current));
          holders.add(current);
        }
        for (const userNumber of page.waiting) numbers.set(userNumber, 'waiting');
        from = page.next;
      }
      const expected = [...this.model.numbers].flatMap(([name, ppid]) =>
        name.startsWith(`${serviceId} `) ? [`${name.slice(serviceId.length + 1)} ${ppid}`] : [],
      );
      const listed = [...numbers].map(([number, ppid]) => `${number} ${ppid}`);
      equal(listed.toSorted().join(', '), expected.toSorted().join(', '));
    }
  }

  /** Each person is told of their own requests, and operators have the open ones. */
  async #correctionsAreKept(): Promise<void> {
    const ports = this.platform.ports(this.now);
    const told: string[] = [];
    const asked = new Set<string>();
    for (const person of peopleOf(this.model)) {
      const [serial] = [...this.model.filed].find(([, one]) => one === person)!;
      const standing = await holderOf(ports, referenceTo('user', serial));
      for (const { value } of await correctionsOf(ports, standing!.value)) {
        const { requestId, proposal, decided } = value;
        ok(!asked.has(requestId));
        asked.add(requestId);
        equal(this.model.requests.get(requestId)?.part.person, person);
        told.push(requestInWords(requestId, proposal, decided !== undefined));
      }
    }
    const expected = [...this.model.requests].map(([id, { proposal, keptUntil }]) =>
      requestInWords(id, proposal, keptUntil !== undefined),
    );
    deepEqual(told.toSorted(), expected.toSorted());
    const open = (await this.platform.openCorrections(this.now)).map(({ requestId }) => requestId);
    const undecided = [...this.model.requests].filter(([, { keptUntil }]) => !keptUntil);
    deepEqual(open.toSorted(), undecided.map(([id]) => id).toSorted());
  }

  /** No look-up finds a deleted person, and no record that is left names one, under any key. */
  async #goneIsGone(): Promise<void> {
    const ports = this.platform.ports(this.now);
    const ppids = new Set<string>();
    for (const name of this.model.gone.keys()) {
      const [serviceId, ppid] = name.split(' ') as [string, string];
      if (!this.model.issued.has(name)) ppids.add(ppid);
      equal(await personOfPpid(ports, serviceId, ppid), undefined);
    }
    for (const { serial } of this.jlis.certificates) {
      const isFiled = this.model.filed.has(serial);
      const owner = await findOwner(ports, referenceTo('user', serial));
      deepEqual([serial, owner !== undefined], [serial, isFiled]);
    }
    const subjects = await this.#everybody();
    for (const record of this.platform.table.records.values()) {
      // Feeds keep a service's own PPIDs until their events expire: docs/rights.md.
      if (/^[QWV]#/.test(record.pk)) continue;
      const value = await this.#opened(record, subjects);
      deepEqual([record.pk.slice(0, 2), value === undefined], [record.pk.slice(0, 2), false]);
      const text = JSON.stringify(value);
      const named = [...ppids].filter((ppid) => text.includes(ppid));
      deepEqual([record.pk.slice(0, 2), named], [record.pk.slice(0, 2), []]);
      for (const subject of text.match(/\b[0-9a-f]{35}\b/g) ?? [])
        deepEqual([record.pk.slice(0, 2), subjects.has(subject)], [record.pk.slice(0, 2), true]);
    }
  }

  /** Subject ids that have a standing. */
  async #everybody(): Promise<ReadonlySet<string>> {
    const index = await this.#keys(async (keys, version) => keys.index(version));
    const found = [...this.platform.table.records.values()].filter(({ sk }) => sk === 'S');
    return new Set(
      found.map((record) => (opening(record, index) as { readonly subjectId: string }).subjectId),
    );
  }

  async #opened(
    record: Parameters<typeof unseal>[1] & { readonly sealed: Uint8Array },
    subjects: ReadonlySet<string>,
  ): Promise<unknown> {
    const subject = [...subjects].find((one) => subjectPartition(one) === record.pk);
    const keys = [
      ...(await this.#keys(async (each, version) => each.index(version))),
      ...(subject === undefined
        ? []
        : await this.#keys(async (each, version) => each.bucket(bucketOf(subject), version))),
      ...(
        await Promise.all(
          services.map(({ serviceId }) =>
            this.#keys(async (each, version) => each.service(serviceId, version)),
          ),
        )
      ).flat(),
    ];
    return opening(record, keys);
  }

  async #keys(
    of: (keys: ReturnType<Platform['ports']>['keys'], version: number) => Promise<DerivedKey>,
  ): Promise<readonly DerivedKey[]> {
    const { keys } = this.platform.ports(this.now);
    return Promise.all(keys.versions.map((version) => of(keys, version)));
  }
}

function opening(
  record: Parameters<typeof unseal>[1] & { readonly sealed: Uint8Array },
  keys: readonly DerivedKey[],
): unknown {
  for (const key of keys) {
    try {
      return unseal(key, record, record.sealed);
    } catch {
      // Another family's.
    }
  }
  return undefined;
}

/** These three answer nothing that matters. */
const heardOf = ({ does }: Operation, heard: string): string =>
  ['sweep', 'deliver', 'tell-of-list'].includes(does) ? '' : heard;

const differing = (seen: readonly string[], expected: readonly string[]): string | undefined =>
  JSON.stringify(seen) === JSON.stringify(expected)
    ? undefined
    : `${expected.join(', ')}, but seen ${seen.join(', ')}`;

const nameOf = ({
  type,
  ppid,
  formerPpid,
}: Pick<PersonEvent, 'type' | 'ppid' | 'formerPpid'> | ExpectedEvent): string =>
  [type, ppid, formerPpid ?? ''].join(' ');

/** Names in order, those of one moment sorted. */
function inMoments(
  names: readonly string[],
  ordered: readonly ExpectedEvent[],
): readonly (readonly string[])[] {
  const moments: string[][] = [];
  for (const [position, { hour, order }] of ordered.entries()) {
    const before = ordered[position - 1];
    if (before?.hour !== hour || before.order !== order) moments.push([]);
    moments.at(-1)!.push(names[position]!);
  }
  return moments.map((names_) => names_.toSorted());
}

function ordersOf(count: number): readonly (readonly number[])[] {
  if (count === 1) return [[0]];
  return ordersOf(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => order.toSpliced(at, 0, count - 1)),
  );
}
