import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import { attributeStatus } from '../../../lambdas/capabilities/attribute-status/operation.ts';
import { tellOfRevocations } from '../../../lambdas/capabilities/events/tell-of-revocations.ts';
import { isCodedError, MyKeyError } from '../../../lambdas/errors.ts';
import { deliverAnnouncements } from '../../../lambdas/people/announcements.ts';
import {
  approveOutcome,
  listCorrections,
  proposeOutcome,
  requestCorrection,
  type Correction,
} from '../../../lambdas/people/corrections.ts';
import { sweepDeletions } from '../../../lambdas/people/erase-person.ts';
import { readFeed, type FeedPage } from '../../../lambdas/people/feed.ts';
import { heldByPerson } from '../../../lambdas/people/find-certificates.ts';
import { holderOf, livingSubject } from '../../../lambdas/people/find-person.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import {
  buckets,
  type DerivedKey,
  type IdentityKeys,
} from '../../../lambdas/people/identity-keys.ts';
import type { RecordChange } from '../../../lambdas/people/identity-store.ts';
import { announcementShards } from '../../../lambdas/people/layout.ts';
import { peopleLimits } from '../../../lambdas/people/limits.ts';
import type { Linkage } from '../../../lambdas/people/linkage.ts';
import {
  awaitUserNumber,
  completeLink,
  findLink,
  putLink,
  removeLink,
} from '../../../lambdas/people/links.ts';
import {
  issueMyKeyId,
  readMyKeyIds,
  revokeMyKeyId,
} from '../../../lambdas/people/my-key-id-records.ts';
import { mergeSubjects, splitSubject } from '../../../lambdas/people/operator-acts.ts';
import { findOwner, readEntry, type Standing } from '../../../lambdas/people/records.ts';
import { reseal, resealWaitingNumbers } from '../../../lambdas/people/reseal.ts';
import {
  cancelDeletion,
  requestDeletion,
  resumeUse,
  suspendUse,
  useOfRecord,
} from '../../../lambdas/people/rights.ts';
import { buildList, fullSource, inChunks, rulesFor } from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { profile, responders } from '../../pki/revocation/revocation-fixtures.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import {
  authorities,
  dayMs,
  issuerKeyIds,
  numberOf,
  referenceTo,
  services,
  type Authorities,
} from './environment.ts';
import {
  decidedKeptMs,
  graceMs,
  requestInWords,
  serialsOf,
  type Operation,
} from './reference-model.ts';

/** The model's waiting numbers have no period; `links.test.ts` holds it. */
const waitsForEver = { waitingNumbersMs: 100 * 365 * 86_400_000 };

const because = { operator: 'key-1', reason: 'found by hand' };
const anchors = [
  { kind: 'user-authentication', certificate: authorities.user.anchor.certificate },
  { kind: 'digital-signature', certificate: authorities.signature.anchor.certificate },
] as const;

/** The write of this number dies, before or after it is done. */
export interface Kill {
  left: number;
  readonly after: boolean;
}

class Killed extends Error {}

/** The identity layer over a table in memory that refuses what DynamoDB refuses. */
export class Platform {
  readonly table = memoryIdentityStore();
  readonly lists = new MemoryLists();
  kill: Kill | undefined;
  /** Turns of the event loop before each call to the table; 0 where calls are not concurrent. */
  pause: () => number = () => 0;
  keyVersion = 1;
  readonly #jlis: Authorities;
  #crlNumber = 9;
  #drawn = 0;
  #cached: { readonly version: number; readonly keys: IdentityKeys } | undefined;

  constructor(jlis: Authorities) {
    this.#jlis = jlis;
  }

  ports(now: number) {
    const { table } = this;
    const turn = async <T>(call: () => Promise<T>): Promise<T> => {
      for (let left = this.pause(); left > 0; left--) await Promise.resolve();
      return call();
    };
    const store: typeof table = {
      records: table.records,
      expire: (until) => table.expire(until),
      read: (key) => turn(() => table.read(key)),
      list: (...args) => turn(() => table.list(...args)),
      scan: (...args) => turn(() => table.scan(...args)),
      existing: (keys) => turn(() => table.existing(keys)),
      range: (...args) => turn(() => table.range(...args)),
      write: (changes) => turn(() => this.#write(changes)),
    };
    return {
      store,
      now,
      keys: this.#keys(),
      ppidMac: labelledPpidMac(),
      linkage: this.#linkage(),
      elapsedMs: () => 0,
      deletionGraceMs: graceMs,
      retention: {
        ...waitsForEver,
        openRequestsMs: decidedKeptMs,
        decidedRequestsMs: decidedKeptMs,
      },
      timeIsUp: () => false,
    };
  }

  /** As in a warm function: a key is derived once. */
  #keys(): IdentityKeys {
    if (this.#cached?.version === this.keyVersion) return this.#cached.keys;
    const derived = labelledKeys(this.keyVersion);
    const found = new Map<string, Promise<DerivedKey>>();
    const once = (name: string, derive: () => Promise<DerivedKey>): Promise<DerivedKey> => {
      const key = found.get(name) ?? derive();
      found.set(name, key);
      return key;
    };
    const keys: IdentityKeys = {
      versions: derived.versions,
      index: (version) => once(`index ${version}`, () => derived.index(version)),
      service: (id, version) => once(`${id} ${version}`, () => derived.service(id, version)),
      bucket: (n, version) => once(`bucket ${n} ${version}`, () => derived.bucket(n, version)),
      bucketForNewSubject: async () => (this.#drawn += 1) % buckets,
    };
    this.#cached = { version: this.keyVersion, keys };
    return keys;
  }

  async #write(changes: readonly RecordChange[]): Promise<boolean> {
    const places = changes.map((change) => {
      const { pk, sk } = 'record' in change ? change.record : change.key;
      return `${pk}\n${sk}`;
    });
    if (changes.length === 0 || changes.length > peopleLimits.changesPerWrite)
      throw new Error(`DynamoDB refuses a transaction of ${changes.length} changes`);
    if (new Set(places).size < places.length)
      throw new Error('DynamoDB refuses two changes of one item in one transaction');
    const { kill } = this;
    if (kill === undefined || kill.left-- > 0) return this.table.write(changes);
    if (kill.after) await this.table.write(changes);
    throw new Killed();
  }

  #linkage(): Linkage {
    const jlis = this.#jlis;
    const answer = (): void => {
      if (jlis.outage) throw new MyKeyError('linkage-unavailable', 'out of service');
    };
    return {
      predecessorOf: async (reference) => {
        answer();
        const told = jlis.told.get(numberOf(reference));
        return told && { reference: referenceTo('user', told.serial), relation: told.relation };
      },
      signatureCertificateOf: async (reference) => {
        answer();
        const { signature } = jlis.certificates[numberOf(reference) - 1]!;
        return signature === undefined
          ? { reference: undefined, reason: 'not-issued' }
          : { reference: referenceTo('signature', signature) };
      },
    };
  }

  /** The answer in a word, or the code of the refusal; undefined: killed. */
  async run(operation: Operation, now: number): Promise<string | undefined> {
    try {
      return await this.#do(operation, now);
    } catch (error) {
      if (error instanceof Killed) return undefined;
      if (isCodedError(error) && error.code !== 'internal-error') return error.code;
      throw error;
    }
  }

  async #do(operation: Operation, now: number): Promise<string> {
    const ports = this.ports(now);
    switch (operation.does) {
      case 'log-in':
        return identifyPerson(this.#card(operation.serial), services[operation.service]!, ports);
      case 'suspend':
        return done(suspendUse(ports, await this.#subject(operation.serial, now), operation.by));
      case 'resume':
        return done(resumeUse(ports, await this.#subject(operation.serial, now), operation.by));
      case 'delete':
        return done(requestDeletion(ports, await this.#subject(operation.serial, now)));
      case 'cancel-deletion':
        return done(cancelDeletion(ports, await this.#subject(operation.serial, now)));
      case 'sweep':
        return done(sweepDeletions(ports));
      case 'deliver': {
        const shards = Array.from({ length: announcementShards }, (_, shard) => shard);
        for (const shard of shards) await deliverAnnouncements(ports, shard);
        return 'done';
      }
      case 'tell-of-list':
        return this.#tellOfList(now);
      case 'merge': {
        const [keep, absorb] = [
          await this.#subject(operation.keep, now, 'identity-act-impossible'),
          await this.#subject(operation.absorb, now, 'identity-act-impossible'),
        ];
        return done(mergeSubjects({ keep, absorb, ...because }, ports));
      }
      case 'split': {
        const person = await this.#subject(operation.serial, now, 'identity-act-impossible');
        const held = await this.#heldName(person, operation.serial, now);
        return done(splitSubject({ person, held: [held], ...because }, ports));
      }
      case 'link': {
        const { ppid, number, replace, service } = operation;
        const wish = { ppid, userNumber: number, replace };
        return (await putLink(ports, services[service]!.serviceId, wish)).outcome;
      }
      case 'unlink':
        await removeLink(ports, services[operation.service]!.serviceId, { ppid: operation.ppid });
        return 'removed';
      case 'await-number':
        return awaitUserNumber(ports, services[operation.service]!.serviceId, operation.number);
      case 'complete-link': {
        const { ppid, number, service } = operation;
        await completeLink(ports, services[service]!.serviceId, { ppid, userNumber: number });
        return 'completed';
      }
      case 'issue-id': {
        const subject = await this.#subject(operation.serial, now);
        return (await issueMyKeyId(ports, subject, this.#card(operation.serial))).myKeyId;
      }
      case 'revoke-id':
        await revokeMyKeyId(ports, await this.#subject(operation.serial, now));
        return 'revoked';
      case 'correct': {
        const { about, service, request } = operation;
        const isOfService = about === 'user-number' || about === 'consent';
        const { serviceId } = services[service]!;
        const subject = await this.#subject(operation.serial, now);
        const wish = { about, ...(isOfService && { serviceId }) };
        await requestCorrection(ports, subject, wish, 'person', request);
        return 'asked';
      }
      case 'propose': {
        const { request, outcome, operator } = operation;
        await proposeOutcome(ports, request, { outcome, operator, reason: 'because' });
        return 'proposed';
      }
      case 'approve':
        await approveOutcome(ports, operation.request, operation.operator);
        return 'approved';
      default: {
        const { ppid, confirmed, service } = operation;
        const { serviceId } = services[service]!;
        const question = { serviceId, ppid, confirmed, method: 'crl' } as const;
        const rules = rulesFor(authorities.user, authorities.signature);
        const deployed = {
          lists: this.lists,
          profile: { ...profile, ...rules },
          ocsp: responders({}).client,
        };
        return (await attributeStatus(question, { ...ports, ...deployed })).status;
      }
    }
  }

  #card(serial: number) {
    return referenceTo('user', serial, this.#jlis.certificates[serial - 1]!.validUntil);
  }

  async #subject(
    serial: number,
    now: number,
    code: 'person-not-known' | 'identity-act-impossible' = 'person-not-known',
  ): Promise<string> {
    const owner = await findOwner(this.ports(now), this.#card(serial));
    if (owner === undefined) throw new MyKeyError(code, 'nobody holds this certificate');
    return owner.value.subjectId;
  }

  async #heldName(subjectId: string, serial: number, now: number): Promise<string> {
    const ports = this.ports(now);
    const standing = await livingSubject(ports, subjectId);
    const held = standing && (await heldByPerson(ports, standing.value));
    const hex = Buffer.from(this.#card(serial).serial).toString('hex');
    const found = held?.find(
      ({ value }) =>
        value.certificate.serial === hex && value.certificate.issuerKeyId === issuerKeyIds.user,
    );
    if (found === undefined) throw new MyKeyError('identity-act-impossible', 'gone meanwhile');
    return found.key.sk;
  }

  /** What operations of these kinds may have changed without saying so. */
  async seenOf(operations: readonly Operation[], now: number): Promise<readonly string[]> {
    const ports = this.ports(now);
    const waits = [...this.table.records.keys()].filter((name) => name.startsWith('N#'));
    const seen = [`${waits.length} announcements`];
    for (const operation of operations) {
      for (const serial of serialsOf(operation)) {
        const owner = await findOwner(ports, this.#card(serial));
        const standing = owner && (await livingSubject(ports, owner.value.subjectId));
        if (standing === undefined) {
          seen.push('nobody');
          continue;
        }
        const last = (await readMyKeyIds(ports, standing.value.subjectId))?.value.issued.at(-1);
        const myKeyId = last?.revokedAt === undefined ? last?.myKeyId : undefined;
        const ppids = await this.#ppidsOf(standing.value, now);
        seen.push(`${use(standing.value)} ${myKeyId ?? 'no My Key ID'} ${ppids}`);
      }
      if ('request' in operation) {
        const open = await this.openCorrections(now);
        const found = open.find(({ requestId }) => requestId === operation.request);
        seen.push(found ? requestInWords(found.requestId, found.proposal, false) : 'not open');
        if (found !== undefined && operation.does === 'correct') {
          // A split beside it may have left it with either.
          const of = await livingSubject(ports, found.subjectId);
          const holder = await holderOf(ports, this.#card(operation.serial));
          seen.push(String(of?.value.subjectId === holder?.value.subjectId));
        }
      }
      if (!('ppid' in operation)) continue;
      const { serviceId } = services[operation.service]!;
      const { ppid } = operation;
      seen.push(
        await findLink(ports, serviceId, { ppid }).then(
          ({ userNumber }) => userNumber,
          (error: unknown) => (isCodedError(error) ? 'none' : Promise.reject(error as Error)),
        ),
      );
    }
    return seen;
  }

  /** What operators see, of every page. */
  async openCorrections(now: number): Promise<readonly Correction[]> {
    const all: Correction[] = [];
    for (let after: string | undefined; ;) {
      const page = await listCorrections(this.ports(now), { after, limit: 5 });
      all.push(...page.corrections);
      after = page.next;
      if (after === undefined) return all;
    }
  }

  /**
   * At each service, and under which of the person's records: which of concurrent logins, splits and
   * merges came first shows here.
   */
  async #ppidsOf({ subjectId, formerly = [] }: Standing, now: number): Promise<string> {
    const ports = this.ports(now);
    const names: string[] = [];
    for (const { serviceId } of services) {
      let name = '-';
      for (const [part, subject] of [subjectId, ...formerly].entries()) {
        const entry = await readEntry(ports, serviceId, subject);
        if (entry === undefined) continue;
        name = `${part}:${entry.value.ppid}`;
        break;
      }
      names.push(name);
    }
    return names.join(' ');
  }

  /** Publishes both authorities' lists. The comparison with the former ones is another step. */
  async publish(now: number): Promise<void> {
    this.#crlNumber += 1;
    for (const kind of ['user', 'signature'] as const) {
      const authority = authorities[kind];
      const list = buildList(authority, {
        crlNumber: this.#crlNumber,
        thisUpdate: new Date(now - (now % 1_000)),
        nextUpdate: new Date(now + dayMs),
        entries: this.#jlis.entries(kind),
      });
      const context = { rules: rulesFor(authority), writer: this.lists, now };
      await ingestCrl(inChunks(list), [fullSource(authority)], context);
    }
  }

  /** Of every list that is still kept: what was told is not told again. */
  async #tellOfList(now: number): Promise<string> {
    const ports = this.ports(now);
    const kinds = Object.values(issuerKeyIds);
    for (const issuerKeyId of kinds) {
      const latest = await this.lists.current({ issuerKeyId, scope: 'full' });
      const parts =
        latest && [...this.lists.comparisons].find(([id]) => id === latest.generationId)?.[1];
      for (const part of parts ?? [])
        await tellOfRevocations(part, {
          ...ports,
          index: ports.store,
          pages: this.lists,
          anchors,
        });
    }
    return 'done';
  }

  /** As the operator's job does it: repeated until a walk finds nothing of the former version. */
  async newKeyVersion(now: number): Promise<void> {
    this.keyVersion += 1;
    for (let left = 1; left > 0;) {
      left = await this.#resealOnce(now).catch((error: unknown) => {
        if (error instanceof Killed) return 1;
        throw error;
      });
      this.kill = undefined;
    }
  }

  async #resealOnce(now: number): Promise<number> {
    const ports = this.ports(now);
    let { records } = await reseal(undefined, ports);
    for (const { serviceId } of services)
      records += (await resealWaitingNumbers(serviceId, 0, ports)).records;
    return records;
  }

  readFeed(serviceId: string, after: number | undefined, now: number): Promise<FeedPage> {
    return readFeed(this.ports(now), serviceId, { after, limit: 7 });
  }
}

/** With what a cancelled deletion restores: concurrent calls in another order leave another. */
function use(standing: Standing): string {
  const { suspended, suspendedBy } = useOfRecord(standing);
  const { deletion } = standing;
  const before = deletion && useOfRecord(deletion.before).suspendedBy;
  return [
    suspended ? `suspended by ${suspendedBy}` : 'in use',
    deletion ? `${deletion.dueAt} from ${before}` : '',
  ].join(' ');
}

const done = async (act: Promise<unknown>): Promise<string> => {
  await act;
  return 'done';
};
