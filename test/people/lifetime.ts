import { expect } from '@jest/globals';
import { array, constantFrom, nat, record, type Arbitrary } from 'fast-check';
import { isCodedError, MyKeyError } from '../../lambdas/errors.ts';
import { heldByPerson } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { identifyPerson, type PersonPorts } from '../../lambdas/people/identify-person.ts';
import type { IdentityScan, IdentityStore } from '../../lambdas/people/identity-store.ts';
import type { Linkage } from '../../lambdas/people/linkage.ts';
import { findLink, putLink } from '../../lambdas/people/links.ts';
import { mergeSubjects, splitSubject } from '../../lambdas/people/operator-acts.ts';
import { readStanding } from '../../lambdas/people/records.ts';
import { resumeUse, suspendUse } from '../../lambdas/people/rights.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { certificate, linkageOf, numberOf, portsWith } from './scene.ts';

const services = ['a', 'b', 'c', 'd'].map((name) => ({
  serviceId: `svc_${name}`,
  sectorId: `sec_${name}`,
}));
const because = { operator: 'op_1', reason: 'found by hand' };

/** What happens next; numbers choose among what there is. */
export interface Event {
  readonly what: (typeof kinds)[number];
  readonly which: number;
  readonly other: number;
}

const kinds = [
  'issue',
  'renew',
  'renew-told-late',
  'phone',
  'log-in',
  'log-in',
  'log-in',
  'log-in-with-old',
  'log-in-together',
  'crash-before-write',
  'crash-after-write',
  'outage',
  'linkage-tells-all',
  'merge',
  'split',
  'crash-in-act',
  'suspend',
  'resume',
  'link',
  'link',
  'new-key-version',
] as const;

export const lives = (events: number): Arbitrary<readonly Event[]> =>
  array(
    record({
      what: constantFrom(...kinds),
      which: nat(9_999),
      other: nat(9_999),
    }),
    { minLength: events / 2, maxLength: events },
  );

/** One person as the platform should see it: what was merged into it stands behind it, in order. */
interface Person {
  /** One for each record that became part of this person. */
  readonly parts: { readonly ppids: Map<string, string> }[];
  suspended?: boolean;
}

/** One write of the next operation dies, before or after it is done. */
interface Crash {
  left: number;
  readonly after: boolean;
}

/** Lives of people on a platform, and beside it a plain model that says what each login must give. */
export class Lifetime {
  readonly #store: IdentityStore & IdentityScan;
  readonly #serials: number[] = [];
  readonly #superseded = new Set<number>();
  readonly #truth: Record<number, number | { beside: number }> = {};
  readonly #told: Record<number, number | { beside: number }> = {};
  readonly #filed = new Map<number, Person>();
  readonly #everIssued = new Map<string, Person>();
  #outage = false;
  #version = 1;
  #crash: Crash | undefined;
  /** `service number` → the person who has it. */
  readonly #numbers = new Map<string, Person>();

  constructor(store: IdentityStore & IdentityScan) {
    this.#store = store;
  }

  async live(events: readonly Event[]): Promise<void> {
    this.#issue();
    for (const event of events) await this.#happen(event);
    await this.#settle();
  }

  async #happen({ what, which, other }: Event): Promise<void> {
    const serial = this.#serials[which % this.#serials.length]!;
    const service = services[other % services.length]!;
    if (what === 'issue') this.#issue();
    else if (what === 'renew') this.#successor(serial, true);
    else if (what === 'renew-told-late') this.#successor(serial, false);
    else if (what === 'phone') this.#told[this.#issue()] = { beside: serial };
    else if (what === 'log-in') await this.#logIn(this.#newest(serial), service);
    else if (what === 'log-in-with-old') await this.#logIn(serial, service);
    else if (what === 'log-in-together') await this.#together(serial, service);
    else if (what === 'crash-before-write') await this.#dying(serial, service, false, which % 3);
    else if (what === 'crash-after-write') await this.#dying(serial, service, true, which % 3);
    else if (what === 'outage') this.#outage = !this.#outage;
    else if (what === 'linkage-tells-all') Object.assign(this.#told, this.#truth);
    else if (what === 'merge') await this.#merge(which, other);
    else if (what === 'split') await this.#split(serial);
    else if (what === 'crash-in-act') await this.#dyingAct(which, other, serial);
    else if (what === 'suspend') await this.#suspend(serial, true);
    else if (what === 'resume') await this.#suspend(serial, false);
    else if (what === 'link') await this.#link(serial, service, which % 5);
    else await this.#newKeyVersion();
  }

  #issue(): number {
    const serial = this.#serials.length + 1;
    this.#serials.push(serial);
    return serial;
  }

  #successor(old: number, told: boolean): void {
    if (this.#superseded.has(old)) return;
    const serial = this.#issue();
    this.#superseded.add(old);
    this.#truth[serial] = old;
    if (told) this.#told[serial] = old;
  }

  #newest(serial: number): number {
    const next = Object.entries(this.#truth).find(([, old]) => old === serial)?.[0];
    return next === undefined ? serial : this.#newest(Number(next));
  }

  #ports(): PersonPorts & { store: IdentityStore & IdentityScan } {
    const linkage = linkageOf(this.#told);
    const asked: Linkage = {
      ...linkage,
      predecessorOf: async (reference, ms) => {
        if (this.#outage) throw new MyKeyError('linkage-unavailable', 'out');
        return linkage.predecessorOf(reference, ms);
      },
    };
    const store: IdentityStore & IdentityScan = {
      read: async (key) => this.#store.read(key),
      list: async (pk, prefix) => this.#store.list(pk, prefix),
      scan: async (from) => this.#store.scan(from),
      write: async (changes) => {
        const crash = this.#crash;
        if (crash === undefined || crash.left-- > 0) return this.#store.write(changes);
        if (crash.after) await this.#store.write(changes);
        throw new Error('killed');
      },
    };
    return portsWith({ linkage: asked, keys: labelledKeys(this.#version), store });
  }

  async #logIn(serial: number, service: (typeof services)[number]): Promise<void> {
    const login = identifyPerson(certificate(serial), service, this.#ports());
    const ppid = await login.catch((error: unknown) => {
      if (isCodedError(error)) return error.code;
      throw error;
    });
    this.#expect(serial, service.serviceId, ppid);
  }

  async #together(serial: number, service: (typeof services)[number]): Promise<void> {
    const line = [serial, this.#newest(serial), serial, this.#newest(serial)];
    const ports = this.#ports();
    const outcomes = await Promise.all(
      line.map((one) =>
        identifyPerson(certificate(one), service, ports).catch((error: unknown) => {
          if (isCodedError(error)) return error.code;
          throw error;
        }),
      ),
    );
    if (outcomes.includes('linkage-unavailable')) return;
    // Whoever came first decided which of an untold line is whose; the model follows one of them.
    for (const [position, one] of line.entries())
      this.#expect(one, service.serviceId, outcomes[position]!);
  }

  /** Killed at one of its writes, whether that was done or not; then asked again. */
  async #dying(
    serial: number,
    service: (typeof services)[number],
    after: boolean,
    left: number,
  ): Promise<void> {
    this.#crash = { left, after };
    await identifyPerson(certificate(serial), service, this.#ports()).catch(() => undefined);
    this.#crash = undefined;
    await this.#logIn(serial, service);
  }

  /** What the model says of this login, and what it then knows. */
  #expect(serial: number, serviceId: string, outcome: string): void {
    const known = this.#filed.get(serial);
    if (known?.suspended === true) return expect(outcome).toBe('subject-suspended');
    const expected = known && ppidOf(known, serviceId);
    if (expected !== undefined) return expect(outcome).toBe(expected);
    if (this.#outage) return expect(outcome).toBe('linkage-unavailable');
    if (known === undefined && this.#toldPerson(serial)?.suspended === true) {
      return expect(outcome).toBe('subject-suspended');
    }
    const person = this.#fileLine(serial, known);
    const kept = ppidOf(person, serviceId);
    if (kept !== undefined) return expect(outcome).toBe(kept);
    expect(outcome).toMatch(/^[a-z2-7]{32}$/);
    expect(this.#everIssued.has(outcome)).toBe(false);
    this.#everIssued.set(outcome, person);
    person.parts[0]!.ppids.set(serviceId, outcome);
  }

  /** The person to whom the linkage service's answers lead from a certificate that is not filed. */
  #toldPerson(serial: number): Person | undefined {
    const said = this.#told[serial];
    if (said === undefined) return undefined;
    const at = typeof said === 'number' ? said : said.beside;
    return this.#filed.get(at) ?? this.#toldPerson(at);
  }

  #fileLine(serial: number, known: Person | undefined): Person {
    const unfiled = known ? [] : [serial];
    let at = serial;
    for (;;) {
      const said = this.#told[at];
      if (said === undefined) break;
      at = typeof said === 'number' ? said : said.beside;
      const found = this.#filed.get(at);
      if (found !== undefined) {
        // Two records, told to be one: an operator's decision.
        if (known !== undefined && known !== found) return known;
        return this.#file(unfiled, found);
      }
      unfiled.push(at);
    }
    return this.#file(unfiled, known ?? { parts: [{ ppids: new Map() }] });
  }

  #file(serials: readonly number[], person: Person): Person {
    for (const serial of serials) this.#filed.set(serial, person);
    return person;
  }

  #people(): readonly Person[] {
    return [...new Set(this.#filed.values())];
  }

  async #subjectOf(person: Person): Promise<string | undefined> {
    for (const { ppids } of person.parts) {
      for (const [serviceId, ppid] of ppids) {
        return (await personOfPpid(this.#ports(), serviceId, ppid))!.value.subjectId;
      }
    }
    return undefined;
  }

  async #merge(which: number, other: number): Promise<void> {
    const people = this.#people();
    if (people.length < 2) return;
    const keep = people[which % people.length]!;
    const absorb = people[(which + 1 + (other % (people.length - 1))) % people.length]!;
    const [kept, absorbed] = [await this.#subjectOf(keep), await this.#subjectOf(absorb)];
    if (kept === undefined || absorbed === undefined) return;
    const both = services
      .map(({ serviceId }) => serviceId)
      .filter((id) => ppidOf(keep, id) !== undefined && ppidOf(absorb, id) !== undefined);
    const act = await this.#acting(() =>
      mergeSubjects({ keep: kept, absorb: absorbed, ...because }, this.#ports()),
    );
    if (act !== undefined) expect(act.services.toSorted()).toEqual(both.toSorted());
    keep.parts.push(...absorb.parts);
    keep.suspended = keep.suspended === true || absorb.suspended === true;
    for (const [serial, person] of this.#filed) {
      if (person === absorb) this.#filed.set(serial, keep);
    }
    for (const [ppid, person] of this.#everIssued) {
      if (person === absorb) this.#everIssued.set(ppid, keep);
    }
    for (const [name, person] of this.#numbers) {
      if (person !== absorb) continue;
      // Where the kept record has a PPID, its own number counts.
      if (both.includes(name.split(' ')[0]!)) this.#numbers.delete(name);
      else this.#numbers.set(name, keep);
    }
  }

  async #split(serial: number): Promise<void> {
    const person = this.#filed.get(serial);
    const subjectId = person && (await this.#subjectOf(person));
    if (person === undefined || subjectId === undefined) return;
    const theirs = [...this.#filed].filter(([, each]) => each === person);
    if (theirs.length < 2) return;
    const ports = this.#ports();
    const standing = (await readStanding(ports, subjectId))!.value;
    const history = await heldByPerson(ports, standing);
    const held = history.find(
      ({ value }) =>
        numberOf({ issuerKeyId: '', serial: Buffer.from(value.certificate.serial, 'hex') }) ===
        serial,
    )!;
    await this.#acting(() =>
      splitSubject({ person: subjectId, held: [held.key.sk], ...because }, this.#ports()),
    );
    this.#filed.set(serial, { parts: [{ ppids: new Map() }] });
  }

  /** Killed and repeated: what was done before the answer was lost is impossible to do again. */
  async #acting<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.#crash === undefined) return act();
    const died = await act().then(
      () => false,
      () => true,
    );
    const wasDone = this.#crash.after;
    this.#crash = undefined;
    if (!died) return undefined;
    if (!wasDone) return act();
    await expect(act()).rejects.toMatchObject({ code: 'identity-act-impossible' });
    return undefined;
  }

  async #dyingAct(which: number, other: number, serial: number): Promise<void> {
    this.#crash = { left: 0, after: other % 2 === 0 };
    if (which % 2 === 0) await this.#merge(which, other);
    else await this.#split(serial);
    this.#crash = undefined;
  }

  async #suspend(serial: number, suspended: boolean): Promise<void> {
    const person = this.#filed.get(serial);
    const subjectId = person && (await this.#subjectOf(person));
    if (person === undefined || subjectId === undefined) return;
    const ports = { ...this.#ports(), deletionGraceMs: 0 };
    if (suspended) await suspendUse(ports, subjectId, 'operator');
    else await resumeUse(ports, subjectId, 'operator');
    person.suspended = suspended;
  }

  /** A service links its person to a number, whoever had it: also again, as after a rule change. */
  async #link(
    serial: number,
    { serviceId }: (typeof services)[number],
    number: number,
  ): Promise<void> {
    const person = this.#filed.get(serial);
    const ppid = person && ppidOf(person, serviceId);
    if (person === undefined || ppid === undefined) return;
    const userNumber = String(number);
    await putLink(this.#ports(), serviceId, { ppid, userNumber, replace: true });
    for (const [name, holder] of this.#numbers) {
      if (holder === person && name.startsWith(`${serviceId} `)) this.#numbers.delete(name);
    }
    this.#numbers.set(`${serviceId} ${userNumber}`, person);
  }

  async #newKeyVersion(): Promise<void> {
    this.#version += 1;
    const ports = { ...this.#ports(), timeIsUp: () => false };
    // Half of the time the walk dies and is walked again.
    this.#crash = this.#version % 2 === 0 ? { left: 1, after: true } : undefined;
    await reseal(undefined, ports).catch(() => undefined);
    this.#crash = undefined;
    await reseal(undefined, ports);
  }

  /** Every PPID ever issued finds the person that the model says, and no two persons share one. */
  async #settle(): Promise<void> {
    this.#outage = false;
    const subjects = new Map<Person, string>();
    for (const person of this.#people()) {
      const subjectId = await this.#subjectOf(person);
      if (subjectId !== undefined) subjects.set(person, subjectId);
    }
    expect(new Set(subjects.values()).size).toBe(subjects.size);
    for (const [name, person] of this.#numbers) {
      const [serviceId, userNumber] = name.split(' ') as [string, string];
      const ppid = ppidOf(person, serviceId)!;
      const found = { ppid, userNumber };
      expect(await findLink(this.#ports(), serviceId, { ppid })).toMatchObject(found);
      expect(await findLink(this.#ports(), serviceId, { userNumber })).toMatchObject({
        userNumber,
      });
    }
    for (const [ppid, person] of this.#everIssued) {
      const serviceId = services.find(({ serviceId: id }) =>
        person.parts.some(({ ppids }) => ppids.get(id) === ppid),
      )!.serviceId;
      const found = await personOfPpid(this.#ports(), serviceId, ppid);
      expect(found!.value.subjectId).toBe(subjects.get(person));
      for (const { serviceId: stranger } of services) {
        if (stranger === serviceId) continue;
        expect(await personOfPpid(this.#ports(), stranger, ppid)).toBeUndefined();
      }
    }
  }
}

function ppidOf({ parts }: Person, serviceId: string): string | undefined {
  return parts.map(({ ppids }) => ppids.get(serviceId)).find((ppid) => ppid !== undefined);
}
