import { services, type Authorities, type Predecessor, type Reason } from './environment.ts';

/**
 * Who is who, in plain maps: what the platform must answer and what it must have told. Knows nothing
 * of keys, records, transactions and retries.
 */
export interface Model {
  /** By serial. */
  readonly filed: Map<number, Person>;
  readonly signatures: Map<number, Person>;
  readonly superseded: Set<number>;
  /** The expiry date that was known when the certificate was filed. */
  readonly expiry: Map<number, number | undefined>;
  /** Every PPID ever issued, by service and PPID. */
  readonly issued: Map<string, Part>;
  /** Of deleted persons. */
  readonly gone: Map<string, Part>;
  /** Service and user number → the PPID with which it was linked, or `waiting`. */
  readonly numbers: Map<string, string>;
  /** My Key IDs ever issued; undefined: not in force any more. */
  readonly myKeyIds: Map<string, Part | undefined>;
  readonly announced: Announced[];
  /** Requests for correction, open and decided, by id. */
  readonly requests: Map<string, CorrectionAsked>;
  readonly feeds: Map<string, Feed>;
  /** What the last published lists say. */
  listed: Readonly<Record<'user' | 'signature', ReadonlyMap<number, Reason>>> | undefined;
  listsAreFresh: boolean;
}

export const waiting = 'waiting';

export interface Person {
  /** The record and those that were merged into it, in the order in which they are asked. */
  parts: Part[];
  suspendedBy: 'person' | 'operator' | undefined;
  deletion: { readonly dueAt: number; readonly before: Person['suspendedBy'] } | undefined;
  state: 'living' | 'deleted' | { readonly mergedInto: Person };
}

export interface Part {
  person: Person;
  readonly ppids: Map<string, string>;
  readonly numbers: Map<string, string>;
  readonly baselines: Map<
    string,
    { readonly signature: number; readonly until: number | undefined }
  >;
  myKeyId: string | undefined;
  /** When operators split it. */
  readonly splits: number[];
}

export type About = 'user-number' | 'consent' | 'record-of-two-persons' | 'other';
export type Outcome = 'corrected' | 'refused' | 'passed-to-service';

interface CorrectionAsked {
  /** The record under which it stands. */
  readonly part: Part;
  readonly about: About;
  readonly serviceId: string | undefined;
  readonly at: number;
  proposal: { readonly outcome: Outcome; readonly operator: string } | undefined;
  /** From the decision on: until when it is kept. */
  keptUntil: number | undefined;
}

interface Announced {
  readonly type: string;
  readonly at: number;
  readonly cause: string;
  readonly person: Person;
  /** For a merge: the records that were merged into the others. */
  readonly merged?: { readonly kept: readonly Part[]; readonly former: readonly Part[] };
}

export interface ExpectedEvent {
  readonly type: string;
  readonly ppid: string;
  readonly formerPpid: string | undefined;
  readonly hour: number;
  readonly order: number;
  readonly expiresAt: number;
}

export interface Feed {
  readonly unread: ExpectedEvent[];
  /** Until when a repetition of the event is recognised. */
  readonly used: Map<string, number>;
}

export type Operation =
  | { readonly does: 'log-in'; readonly serial: number; readonly service: number }
  | {
      readonly does: 'suspend' | 'resume';
      readonly serial: number;
      readonly by: 'person' | 'operator';
    }
  | { readonly does: 'delete' | 'cancel-deletion'; readonly serial: number }
  | { readonly does: 'issue-id' | 'revoke-id'; readonly serial: number }
  | { readonly does: 'sweep' | 'deliver' | 'tell-of-list' }
  | { readonly does: 'merge'; readonly keep: number; readonly absorb: number }
  | { readonly does: 'split'; readonly serial: number }
  | {
      readonly does: 'link';
      readonly ppid: string;
      readonly service: number;
      readonly number: string;
      readonly replace: boolean;
    }
  | {
      readonly does: 'correct';
      readonly serial: number;
      readonly about: About;
      readonly service: number;
      readonly request: string;
    }
  | {
      readonly does: 'propose';
      readonly request: string;
      readonly outcome: Outcome;
      readonly operator: string;
    }
  | { readonly does: 'approve'; readonly request: string; readonly operator: string }
  | { readonly does: 'unlink'; readonly ppid: string; readonly service: number }
  | { readonly does: 'await-number'; readonly number: string; readonly service: number }
  | {
      readonly does: 'complete-link';
      readonly ppid: string;
      readonly service: number;
      readonly number: string;
    }
  | {
      readonly does: 'status';
      readonly ppid: string;
      readonly service: number;
      readonly confirmed: boolean;
    };

export const newModel = (): Model => ({
  filed: new Map(),
  signatures: new Map(),
  superseded: new Set(),
  expiry: new Map(),
  issued: new Map(),
  gone: new Map(),
  numbers: new Map(),
  myKeyIds: new Map(),
  announced: [],
  requests: new Map(),
  feeds: new Map(services.map(({ serviceId }) => [serviceId, { unread: [], used: new Map() }])),
  listed: undefined,
  listsAreFresh: false,
});

const dayMs = 86_400_000;
const hourMs = 3_600_000;
export const graceMs = 14 * dayMs;
const eventsKeptMs = 30 * dayMs;
export const decidedKeptMs = 60 * dayMs;
const mostOpenRequests = 8;
const longestLine = 17;

/** What the linkage service says of a certificate, back to one that is filed. */
interface Line {
  readonly links: readonly { readonly serial: number; readonly by?: Predecessor }[];
  readonly end: Predecessor | undefined;
  readonly named: Person | undefined;
}

/** The outcome of a killed call: nobody heard it. */
export const unheard = Symbol('unheard');

/**
 * Applies one operation.
 * @param outcome what the platform answered, or `unheard`
 * @returns what the model says instead; undefined: the same
 */
export function apply(
  model: Model,
  operation: Operation,
  outcome: string | typeof unheard,
  now: number,
  jlis: Authorities,
): string | undefined {
  const expected = new Step(model, now, jlis).of(operation, outcome);
  if (expected === undefined || outcome === unheard || outcome === expected) return undefined;
  return expected;
}

class Step {
  readonly #model: Model;
  readonly #now: number;
  readonly #jlis: Authorities;

  constructor(model: Model, now: number, jlis: Authorities) {
    this.#model = model;
    this.#now = now;
    this.#jlis = jlis;
  }

  of(operation: Operation, outcome: string | typeof unheard): string | undefined {
    switch (operation.does) {
      case 'log-in':
        return this.#logIn(operation.serial, services[operation.service]!, outcome);
      case 'suspend':
        return this.#suspend(operation.serial, operation.by);
      case 'resume':
        return this.#resume(operation.serial, operation.by);
      case 'delete':
        return this.#delete(operation.serial);
      case 'cancel-deletion':
        return this.#cancel(operation.serial);
      case 'sweep':
        return this.#sweep();
      case 'deliver':
        return this.#deliver();
      case 'tell-of-list':
        return this.#tellOfList();
      case 'merge':
        return this.#merge(operation.keep, operation.absorb);
      case 'split':
        return this.#split(operation.serial);
      case 'issue-id':
        return this.#issueId(operation.serial, outcome);
      case 'revoke-id':
        return this.#revokeId(operation.serial);
      case 'correct':
        return this.#correct(operation);
      case 'propose':
        return this.#propose(operation);
      case 'approve':
        return this.#approve(operation);
      case 'await-number':
        return this.#awaitNumber(services[operation.service]!.serviceId, operation.number);
      case 'unlink':
        return this.#unlink(services[operation.service]!.serviceId, operation.ppid);
      case 'complete-link': {
        const { serviceId } = services[operation.service]!;
        if (!this.#model.numbers.has(`${serviceId} ${operation.number}`))
          return 'user-number-not-awaited';
        const linked = this.#link(serviceId, operation.ppid, operation.number, false);
        return ['linked', 'replaced', 'unchanged'].includes(linked) ? 'completed' : linked;
      }
      case 'link': {
        const { serviceId } = services[operation.service]!;
        return this.#link(serviceId, operation.ppid, operation.number, operation.replace);
      }
      default:
        return this.#status(
          services[operation.service]!.serviceId,
          operation.ppid,
          operation.confirmed,
        );
    }
  }

  #logIn(
    serial: number,
    { serviceId, sectorId }: (typeof services)[number],
    outcome: string | typeof unheard,
  ): string | undefined {
    const known = this.#model.filed.get(serial);
    if (known?.suspendedBy !== undefined) return 'subject-suspended';
    const kept = known && ppidAt(known, serviceId);
    if (kept !== undefined) return kept;
    if (this.#jlis.outage) return 'linkage-unavailable';
    const line = this.#line(serial);
    if (line === undefined) return 'linkage-unavailable';
    if (known === undefined && line.named?.suspendedBy !== undefined) return 'subject-suspended';
    const person = known ?? line.named ?? newPerson();
    const { signature, validUntil } = this.#jlis.certificates[serial - 1]!;
    if (known === undefined || line.named === undefined || line.named === person) {
      this.#file(line, person, known);
      if (signature !== undefined && !this.#model.signatures.has(signature))
        this.#model.signatures.set(signature, person);
    }
    const found = ppidAt(person, serviceId);
    if (found !== undefined) return found;
    if (outcome === unheard) {
      // Nobody knows the PPID yet; the repetition will tell.
      return undefined;
    }
    const part = person.parts[0]!;
    const sibling = services.find(
      (one) => one.sectorId === sectorId && part.ppids.has(one.serviceId),
    );
    if (sibling !== undefined && part.ppids.get(sibling.serviceId) !== outcome)
      return `the PPID of ${sibling.serviceId}, which is of the same sector`;
    if (!/^[a-z2-7]{32}$/.test(outcome)) return 'a PPID';
    const known2 = [...this.#model.issued, ...this.#model.gone];
    if (sibling === undefined && known2.some(([name]) => name.endsWith(` ${outcome}`)))
      return 'a PPID that was never issued before';
    part.ppids.set(serviceId, outcome);
    if (signature !== undefined) part.baselines.set(serviceId, { signature, until: validUntil });
    this.#model.issued.set(`${serviceId} ${outcome}`, part);
    return undefined;
  }

  /** Undefined: a longer line than anybody renews. */
  #line(serial: number): Line | undefined {
    const links: { readonly serial: number; readonly by?: Predecessor }[] = [{ serial }];
    for (;;) {
      const end = this.#jlis.told.get(links.at(-1)!.serial);
      if (end === undefined) return { links, end, named: undefined };
      const named = this.#model.filed.get(end.serial);
      if (named !== undefined) return { links, end, named };
      if (links.length === longestLine) return undefined;
      links.push({ serial: end.serial, by: end });
    }
  }

  #file({ links, end, named }: Line, person: Person, known: Person | undefined): void {
    for (const { serial, by } of known === undefined ? links : links.slice(1)) {
      this.#model.filed.set(serial, person);
      const presented = serial === links[0]!.serial;
      const { validUntil } = this.#jlis.certificates[serial - 1]!;
      this.#model.expiry.set(serial, presented ? validUntil : undefined);
      if (by?.relation === 'renewed') this.#model.superseded.add(serial);
    }
    if (named === undefined || end?.relation !== 'renewed') return;
    if (this.#model.superseded.has(end.serial)) return;
    this.#model.superseded.add(end.serial);
    this.#announce('person.renewed', person, `user ${end.serial}`);
  }

  #announce(type: string, person: Person, cause = `${type} ${this.#now}`): void {
    this.#model.announced.push({ type, person, cause, at: this.#now });
  }

  #suspend(serial: number, by: 'person' | 'operator'): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    if (person.suspendedBy !== undefined) {
      // What the operator suspended, the person does not resume.
      if (by === 'operator' && person.deletion !== undefined)
        person.deletion = { ...person.deletion, before: by };
      else if (by === 'operator') person.suspendedBy = by;
      return 'done';
    }
    person.suspendedBy = by;
    this.#announce('person.suspended', person);
    return 'done';
  }

  #resume(serial: number, by: 'person' | 'operator'): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    if (person.suspendedBy === undefined) return 'done';
    if (person.deletion !== undefined) return 'rights-act-impossible';
    if (by === 'person' && person.suspendedBy === 'operator') return 'rights-act-impossible';
    person.suspendedBy = undefined;
    this.#announce('person.resumed', person);
    return 'done';
  }

  #delete(serial: number): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    if (person.deletion !== undefined) return 'done';
    person.deletion = { dueAt: this.#now + graceMs, before: person.suspendedBy };
    if (person.suspendedBy === undefined) this.#announce('person.suspended', person);
    person.suspendedBy = 'person';
    return 'done';
  }

  #cancel(serial: number): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    if (person.deletion === undefined || person.deletion.dueAt <= this.#now)
      return 'rights-act-impossible';
    person.suspendedBy = person.deletion.before;
    person.deletion = undefined;
    if (person.suspendedBy === undefined) this.#announce('person.resumed', person);
    return 'done';
  }

  #sweep(): undefined {
    for (const person of peopleOf(this.#model))
      if (person.deletion !== undefined && person.deletion.dueAt <= this.#now) this.#erase(person);
  }

  #erase(person: Person): void {
    const cause = `person.deleted ${person.deletion!.dueAt}`;
    this.#tell(person, 'person.deleted', cause, this.#now);
    person.state = 'deleted';
    for (const [serial, one] of this.#model.filed)
      if (one === person) this.#model.superseded.delete(serial);
    for (const map of [this.#model.filed, this.#model.signatures])
      for (const [serial, one] of map) if (one === person) map.delete(serial);
    for (const [name, part] of this.#model.issued) {
      if (part.person !== person) continue;
      this.#model.issued.delete(name);
      this.#model.gone.set(name, part);
    }
    for (const part of person.parts) {
      for (const [serviceId, number] of part.numbers) {
        const name = `${serviceId} ${number}`;
        if (this.#model.numbers.get(name) === part.ppids.get(serviceId))
          this.#model.numbers.delete(name);
      }
      if (part.myKeyId !== undefined) this.#model.myKeyIds.set(part.myKeyId, undefined);
    }
    for (const [id, { part }] of this.#model.requests)
      if (part.person === person) this.#model.requests.delete(id);
  }

  #deliver(): undefined {
    for (const { type, at, cause, person, merged } of this.#model.announced.splice(0)) {
      const living = livingOf(person);
      if (living === undefined) continue;
      if (merged === undefined) this.#tell(living, type, cause, at);
      else {
        for (const part of merged.former) {
          for (const [serviceId, formerPpid] of part.ppids) {
            const ppid = firstAt(merged.kept, serviceId);
            if (ppid !== undefined)
              this.#append(serviceId, type, ppid, `${cause} ${formerPpid}`, at, formerPpid);
          }
        }
      }
    }
  }

  #tell(
    person: Person,
    type: string,
    cause: string,
    at: number,
    concerns: (serviceId: string) => boolean = () => true,
  ): void {
    for (const { serviceId } of services) {
      const ppid = ppidAt(person, serviceId);
      if (ppid !== undefined && concerns(serviceId))
        this.#append(serviceId, type, ppid, cause, at, undefined);
    }
  }

  #append(
    serviceId: string,
    type: string,
    ppid: string,
    cause: string,
    order: number,
    formerPpid: string | undefined,
  ): void {
    const feed = this.#model.feeds.get(serviceId)!;
    const id = [type, ppid, cause].join(' ');
    if ((feed.used.get(id) ?? 0) >= this.#now) return;
    const expiresAt = Math.ceil((this.#now + eventsKeptMs) / dayMs) * dayMs;
    feed.used.set(id, expiresAt);
    const hour = Math.floor(this.#now / hourMs);
    feed.unread.push({ type, ppid, formerPpid, hour, order, expiresAt });
  }

  /** The list that was published last is compared with the one before it. */
  #tellOfList(): undefined {
    const listed = { user: new Map<number, Reason>(), signature: new Map<number, Reason>() };
    const before = this.#model.listed;
    for (const kind of ['user', 'signature'] as const) {
      for (const [serial, { reason, at }] of this.#jlis.revoked[kind]) {
        listed[kind].set(serial, reason);
        if (before === undefined || before[kind].has(serial)) continue;
        const cause = `${kind} ${serial}`;
        const holder = (kind === 'user' ? this.#model.filed : this.#model.signatures).get(serial);
        if (holder === undefined) continue;
        if (kind === 'user') {
          const type = reason === 'superseded' ? 'person.renewed' : 'person.certificate-revoked';
          this.#tell(holder, type, cause, at);
        } else if (reason === 'affiliationChanged') {
          this.#tell(holder, 'person.attributes-changed', cause, at, (serviceId) => {
            const part = holder.parts.find(({ ppids }) => ppids.has(serviceId))!;
            return part.baselines.get(serviceId)?.signature === serial;
          });
        }
      }
    }
    this.#model.listed = listed;
    this.#model.listsAreFresh = true;
  }

  #merge(keepSerial: number, absorbSerial: number): string {
    const [keep, absorb] = [this.#model.filed.get(keepSerial), this.#model.filed.get(absorbSerial)];
    if (keep === undefined || absorb === undefined || keep === absorb)
      return 'identity-act-impossible';
    if (keep.deletion !== undefined || absorb.deletion !== undefined)
      return 'identity-act-impossible';
    const [kept, former] = [[...keep.parts], [...absorb.parts]];
    this.#model.announced.push({
      type: 'person.ppid-replaced',
      at: this.#now,
      cause: `merge ${this.#now}`,
      person: keep,
      merged: { kept, former },
    });
    keep.parts.push(...former);
    for (const part of former) part.person = keep;
    // What the operator suspended, the person does not resume.
    if (absorb.suspendedBy !== undefined)
      keep.suspendedBy = [keep.suspendedBy, absorb.suspendedBy].includes('operator')
        ? 'operator'
        : 'person';
    absorb.state = { mergedInto: keep };
    for (const map of [this.#model.filed, this.#model.signatures])
      for (const [serial, person] of map) if (person === absorb) map.set(serial, keep);
    return 'done';
  }

  #split(serial: number): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined || person.deletion !== undefined) return 'identity-act-impossible';
    const cards = [...this.#model.filed].filter(([, one]) => one === person);
    if (cards.length < 2) return 'identity-act-impossible';
    this.#announce('person.record-split', person, `split ${this.#now}`);
    person.parts[0]!.splits.push(this.#now);
    this.#model.filed.set(serial, newPerson());
    return 'done';
  }

  #link(serviceId: string, ppid: string, number: string, replace: boolean): string {
    const part = this.#model.issued.get(`${serviceId} ${ppid}`);
    if (part === undefined) return 'ppid-not-found';
    const own = partsAt(part.person, serviceId);
    const mine = own[0]!;
    const name = `${serviceId} ${number}`;
    const linked = this.#model.numbers.get(name);
    const isOwn = own.some(({ ppids }) => ppids.get(serviceId) === linked);
    if (isOwn && mine.numbers.get(serviceId) === number) return 'unchanged';
    const theirs =
      linked === undefined || linked === waiting
        ? undefined
        : this.#model.issued.get(`${serviceId} ${linked}`);
    const isTaken = theirs !== undefined && !isOwn;
    const present = numberedPart(this.#model, part.person, serviceId);
    const had = present?.numbers.get(serviceId);
    const former = had !== undefined && had !== number;
    if (isTaken && !replace) return 'user-number-taken';
    if (former && !replace) return 'person-already-linked';
    if (former) {
      this.#model.numbers.delete(`${serviceId} ${had}`);
      present!.numbers.delete(serviceId);
    }
    for (const one of isTaken ? partsAt(theirs.person, serviceId) : own)
      if (one.numbers.get(serviceId) === number) one.numbers.delete(serviceId);
    mine.numbers.set(serviceId, number);
    this.#model.numbers.set(name, mine.ppids.get(serviceId)!);
    return isTaken || former ? 'replaced' : 'linked';
  }

  #unlink(serviceId: string, ppid: string): string {
    const part = this.#model.issued.get(`${serviceId} ${ppid}`);
    if (part === undefined) return 'ppid-not-found';
    const present = numberedPart(this.#model, part.person, serviceId);
    if (present === undefined) return 'link-not-found';
    this.#model.numbers.delete(`${serviceId} ${present.numbers.get(serviceId)!}`);
    present.numbers.delete(serviceId);
    return 'removed';
  }

  #correct({ serial, about, service, request }: Operation & { does: 'correct' }): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    if (this.#model.requests.has(request)) return 'asked';
    const theirs = [...this.#model.requests.values()].filter(({ part }) => part.person === person);
    const open = theirs.filter(({ keptUntil }) => keptUntil === undefined);
    if (open.length >= mostOpenRequests) return 'rights-act-impossible';
    const serviceId = isOfService(about) ? services[service]!.serviceId : undefined;
    if (serviceId !== undefined && ppidAt(person, serviceId) === undefined)
      return 'rights-act-impossible';
    const [part] = person.parts as [Part];
    const asked = { part, about, serviceId, at: this.#now };
    this.#model.requests.set(request, { ...asked, proposal: undefined, keptUntil: undefined });
    return 'asked';
  }

  #propose({ request, outcome, operator }: Operation & { does: 'propose' }): string {
    const asked = this.#model.requests.get(request);
    if (asked === undefined || asked.keptUntil !== undefined) return 'rights-request-not-found';
    if (!isFitting(asked, outcome)) return 'rights-act-impossible';
    asked.proposal = { outcome, operator };
    return 'proposed';
  }

  #approve({ request, operator }: Operation & { does: 'approve' }): string {
    const asked = this.#model.requests.get(request);
    if (asked === undefined || asked.keptUntil !== undefined) return 'rights-request-not-found';
    const { proposal, part, serviceId } = asked;
    if (proposal === undefined) return 'rights-act-impossible';
    if (proposal.operator === operator) return 'second-operator-needed';
    if (!isFitting(asked, proposal.outcome)) return 'rights-act-impossible';
    const ppid = serviceId && ppidAt(part.person, serviceId);
    if (proposal.outcome === 'passed-to-service' && ppid !== undefined) {
      const [type, cause] = ['person.correction-requested', `correction ${request}`];
      this.#append(serviceId!, type, ppid, cause, this.#now, undefined);
    }
    asked.keptUntil = Math.ceil((this.#now + decidedKeptMs) / dayMs) * dayMs;
    return 'approved';
  }

  #awaitNumber(serviceId: string, number: string): string {
    const name = `${serviceId} ${number}`;
    const linked = this.#model.numbers.get(name);
    if (linked === waiting) return 'unchanged';
    if (linked !== undefined) return 'user-number-taken';
    this.#model.numbers.set(name, waiting);
    return waiting;
  }

  #issueId(serial: number, outcome: string | typeof unheard): string | undefined {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    const part = person.parts[0]!;
    const inForce = person.parts.find(({ myKeyId }) => myKeyId !== undefined);
    if (inForce !== undefined) return inForce.myKeyId;
    if (outcome === unheard) return undefined;
    if (this.#model.myKeyIds.has(outcome)) return 'a My Key ID that was never issued before';
    if (!/^[2-9A-HJKMNP-Z]{8}$/.test(outcome)) return 'a My Key ID';
    part.myKeyId = outcome;
    this.#model.myKeyIds.set(outcome, part);
    return undefined;
  }

  #revokeId(serial: number): string {
    const person = this.#model.filed.get(serial);
    if (person === undefined) return 'person-not-known';
    const held = person.parts.filter(({ myKeyId }) => myKeyId !== undefined);
    for (const part of held) {
      this.#model.myKeyIds.set(part.myKeyId!, undefined);
      part.myKeyId = undefined;
    }
    return held.length === 0 ? 'my-key-id-not-found' : 'revoked';
  }

  #status(serviceId: string, ppid: string, confirmed: boolean): string {
    const part = this.#model.issued.get(`${serviceId} ${ppid}`);
    if (part === undefined) return 'ppid-not-found';
    const { person } = part;
    const entry = entryAt(person, serviceId)!;
    const linked = this.#linkedSignature(person);
    if (linked !== undefined && !this.#model.signatures.has(linked.signature))
      this.#model.signatures.set(linked.signature, person);
    const known = confirmed ? undefined : entry.baselines.get(serviceId);
    if (known === undefined) {
      if (linked === undefined) return 'unknown';
      entry.baselines.set(serviceId, linked);
      if (!confirmed) return 'unknown';
    }
    const baseline = known ?? linked!;
    if (this.#model.listed === undefined || !this.#model.listsAreFresh) return 'unknown';
    const reason = this.#model.listed.signature.get(baseline.signature);
    if (reason !== undefined) return reason === 'affiliationChanged' ? 'changed' : 'unknown';
    if (baseline.until === undefined || baseline.until < this.#now) return 'unknown';
    return linked?.signature === baseline.signature ? 'unchanged' : 'unknown';
  }

  #linkedSignature(
    person: Person,
  ): { readonly signature: number; readonly until: number | undefined } | undefined {
    if (this.#jlis.outage) return undefined;
    const [card] = signingCards(this.#model, person, this.#jlis);
    if (card === undefined) return undefined;
    return { signature: card.signature!, until: this.#model.expiry.get(card.serial) };
  }
}

const isOfService = (about: About): boolean => about === 'user-number' || about === 'consent';

/** A service corrects what it recorded; a record of two persons is corrected by a split alone. */
function isFitting({ about, part, at }: CorrectionAsked, outcome: Outcome): boolean {
  if (outcome === 'refused') return true;
  if (isOfService(about)) return outcome === 'passed-to-service';
  if (outcome === 'passed-to-service') return false;
  if (about === 'other') return true;
  return part.person.parts.some(({ splits }) => splits.some((split) => split >= at));
}

/** What a person sees of a request, and operators while it is open. */
export const requestInWords = (
  id: string,
  proposal: { readonly outcome: string; readonly operator: string } | undefined,
  isDecided: boolean,
): string =>
  [
    id,
    proposal === undefined ? '' : `${proposal.outcome} by ${proposal.operator}`,
    isDecided ? 'decided' : 'open',
  ].join(' ');

/** The certificates whose holders an operation concerns. */
export function serialsOf(operation: Operation): readonly number[] {
  if (operation.does === 'merge') return [operation.keep, operation.absorb];
  return 'serial' in operation ? [operation.serial] : [];
}

/** The same as `Platform.seenOf`, by the model. */
export function seenInModel(model: Model, operations: readonly Operation[]): readonly string[] {
  const seen = [`${model.announced.length} announcements`];
  for (const operation of operations) {
    for (const serial of serialsOf(operation)) {
      const person = model.filed.get(serial);
      const by = person?.suspendedBy;
      seen.push(
        person === undefined
          ? 'nobody'
          : [
              by ? `suspended by ${by}` : 'in use',
              person.deletion ? `${person.deletion.dueAt} from ${person.deletion.before}` : '',
              person.parts[0]!.myKeyId ?? 'no My Key ID',
              services.map(({ serviceId }) => ppidOfPart(person, serviceId)).join(' '),
            ].join(' '),
      );
    }
    if ('request' in operation) {
      const asked = model.requests.get(operation.request);
      seen.push(
        asked === undefined || asked.keptUntil !== undefined
          ? 'not open'
          : requestInWords(operation.request, asked.proposal, false),
      );
      if (asked !== undefined && asked.keptUntil === undefined && operation.does === 'correct')
        seen.push(String(asked.part.person === model.filed.get(operation.serial)));
    }
    if (!('ppid' in operation)) continue;
    const { serviceId } = services[operation.service]!;
    const person = model.issued.get(`${serviceId} ${operation.ppid}`)?.person;
    const number = person && numberedPart(model, person, serviceId)?.numbers.get(serviceId);
    seen.push(number ?? 'none');
  }
  return seen;
}

/** Current cards with a signature certificate. Their order is the platform's own. */
export const signingCards = (model: Model, person: Person, jlis: Authorities) =>
  [...model.filed]
    .filter(([serial, one]) => one === person && !model.superseded.has(serial))
    .map(([serial]) => jlis.certificates[serial - 1]!)
    .filter(({ signature }) => signature !== undefined);

const newPerson = (): Person => {
  const person: Person = {
    parts: [],
    suspendedBy: undefined,
    deletion: undefined,
    state: 'living',
  };
  person.parts.push({
    person,
    ppids: new Map(),
    numbers: new Map(),
    baselines: new Map(),
    myKeyId: undefined,
    splits: [],
  });
  return person;
};

export const peopleOf = (model: Model): readonly Person[] => [...new Set(model.filed.values())];

const firstAt = (parts: readonly Part[], serviceId: string): string | undefined =>
  parts.find(({ ppids }) => ppids.has(serviceId))?.ppids.get(serviceId);

export const ppidAt = ({ parts }: Person, serviceId: string): string | undefined =>
  firstAt(parts, serviceId);

function ppidOfPart({ parts }: Person, serviceId: string): string {
  const part = parts.findIndex(({ ppids }) => ppids.has(serviceId));
  return part === -1 ? '-' : `${part}:${parts[part]!.ppids.get(serviceId)}`;
}

/** The entries of a person at a service: the current one, then those that merges absorbed. */
const partsAt = ({ parts }: Person, serviceId: string): readonly Part[] =>
  parts.filter(({ ppids }) => ppids.has(serviceId));

/** The first of them whose number is the person's still. */
function numberedPart(model: Model, person: Person, serviceId: string): Part | undefined {
  const own = partsAt(person, serviceId);
  const ppids = own.map((part) => part.ppids.get(serviceId));
  return own.find(({ numbers }) => {
    const number = numbers.get(serviceId);
    return number !== undefined && ppids.includes(model.numbers.get(`${serviceId} ${number}`));
  });
}

export const entryAt = ({ parts }: Person, serviceId: string): Part | undefined =>
  parts.find(({ ppids }) => ppids.has(serviceId));

function livingOf(person: Person): Person | undefined {
  if (person.state === 'deleted') return undefined;
  return person.state === 'living' ? person : livingOf(person.state.mergedInto);
}
