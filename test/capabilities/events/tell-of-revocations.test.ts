import { beforeEach, describe, expect, it } from '@jest/globals';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import { tellOfRevocations } from '../../../lambdas/capabilities/events/tell-of-revocations.ts';
import {
  keptReference,
  type CertificateReference,
} from '../../../lambdas/people/certificate-reference.ts';
import { readFeed } from '../../../lambdas/people/feed.ts';
import { currentCards } from '../../../lambdas/people/find-certificates.ts';
import { registrationOfPerson, personOfPpid } from '../../../lambdas/people/find-person.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { keepRegistration } from '../../../lambdas/people/keep-registration.ts';
import { keepSignatureAnswer } from '../../../lambdas/people/signature-certificate.ts';
import type { CrlEntryTemplate } from '../../../sandbox/pki/build-crl.ts';
import {
  buildList,
  createAuthority,
  fullSource,
  inChunks,
  issuerKeyIdFor,
  rulesFor,
} from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { a, b, portsWith } from '../../people/scene.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 22, 12);
const login = createAuthority('ua-2023');
const signing = createAuthority('sig-2023', 2);
const anchors = [
  { kind: 'user-authentication', certificate: login.anchor.certificate },
  { kind: 'digital-signature', certificate: signing.anchor.certificate },
] as const;

const reference = (authority: typeof login, serial: number): CertificateReference => ({
  issuerKeyId: issuerKeyIdFor(authority),
  serial: Buffer.from(serial.toString(16).padStart(8, '0'), 'hex'),
});
const card = 0x0200_0001;
const signature = 0x0300_0001;

let store: ReturnType<typeof memoryIdentityStore>;
let ports: ReturnType<typeof portsWith<typeof store>>;
let lists: MemoryLists;
let ppids: { readonly a: string; readonly b: string };

beforeEach(async () => {
  store = memoryIdentityStore();
  ports = { ...portsWith({ store }), now };
  lists = new MemoryLists();
  const certificate = reference(login, card);
  ppids = {
    a: await identifyPerson(certificate, a, ports),
    b: await identifyPerson(certificate, b, ports),
  };
  await identifyPerson(reference(login, card + 2), b, ports);
  const person = (await personOfPpid(ports, 'svc_a', ppids.a))!.value;
  const [held] = await currentCards(ports, person);
  await keepSignatureAnswer(held!, { reference: reference(signing, signature) }, ports);
  // Only the first service has confirmed attributes.
  const registration = (await registrationOfPerson(ports, 'svc_a', person))!;
  const baseline = { certificate: keptReference(reference(signing, signature)), confirmedAt: now };
  await keepRegistration(ports, registration, { ...registration.value, baseline });
});

async function publish(
  authority: typeof login,
  crlNumber: number,
  ...entries: readonly CrlEntryTemplate[]
): Promise<void> {
  const context = { rules: rulesFor(authority), writer: lists, now };
  const list = inChunks(buildList(authority, { crlNumber, entries }));
  await ingestCrl(list, [fullSource(authority)], context);
}

const tell = async () => {
  let told = { listed: 0, persons: 0, events: 0 };
  for (const part of [...lists.comparisons.values()].flat()) {
    const each = await tellOfRevocations(part, { ...ports, index: store, pages: lists, anchors });
    told = {
      listed: told.listed + each.listed,
      persons: told.persons + each.persons,
      events: told.events + each.events,
    };
  }
  return told;
};

const feed = async (serviceId: string) =>
  (await readFeed({ ...ports, now: now + hour }, serviceId, { after: undefined, limit: 100 }))
    .events;

const revoked = (serial: number, reason: number): CrlEntryTemplate => ({
  serial,
  reason,
  revokedAt: new Date(Date.UTC(2026, 10, 21, 17, 3, 9)),
});

describe('a card that a new list revokes', () => {
  it('is told to every service that knows the person, by the day and the reason', async () => {
    await publish(login, 10, revoked(7, 1));
    await publish(login, 11, revoked(7, 1), revoked(card, 1), revoked(0x0400_0000, 1));
    expect(await tell()).toEqual({ listed: 2, persons: 1, events: 2 });
    const event = {
      id: expect.stringMatching(/^evt_/),
      type: 'person.certificate-revoked',
      at: Date.UTC(2026, 10, 21),
      reason: 'keyCompromise',
      source: 'crl',
    };
    expect(await feed('svc_a')).toEqual([{ ...event, ppid: ppids.a }]);
    expect(await feed('svc_b')).toEqual([{ ...event, ppid: ppids.b }]);
  });

  it('comes once although the work was killed at any write and repeated', async () => {
    await publish(login, 10, revoked(7, 1));
    await publish(login, 11, revoked(7, 1), revoked(card, 1));
    const write = store.write.bind(store);
    for (let survives = 0; survives < 3; survives++) {
      let left = survives;
      store.write = async (changes) => {
        if (left-- > 0) return write(changes);
        await write(changes);
        throw new Error('killed');
      };
      await tell().catch(() => undefined);
      store.write = write;
    }
    await tell();
    expect(await feed('svc_a')).toHaveLength(1);
    expect(await feed('svc_b')).toHaveLength(1);
  });

  it('is told as a renewal where it was superseded', async () => {
    await publish(login, 10, revoked(7, 1));
    await publish(login, 11, revoked(card, 4));
    await tell();
    expect((await feed('svc_a')).map(({ type, reason }) => [type, reason])).toEqual([
      ['person.renewed', undefined],
    ]);
  });

  it('is no event on a first list', async () => {
    await publish(login, 10, revoked(card, 1));
    expect(await tell()).toEqual({ listed: 0, persons: 0, events: 0 });
  });
});

const types = async () => (await feed('svc_a')).map(({ type }) => type);

describe('a card whose hold a new list releases', () => {
  const onHold = 0x0200_0011;
  const validUntil = now + 400 * 24 * hour;
  let ppid: string;
  beforeEach(async () => {
    ppid = await identifyPerson({ ...reference(login, onHold), validUntil }, a, ports);
  });

  it('is told as restored, with the day on which the platform learnt of it', async () => {
    await publish(login, 10, revoked(7, 1), revoked(onHold, 6));
    await publish(login, 11, revoked(7, 1));
    expect(await tell()).toEqual({ listed: 0, persons: 1, events: 1 });
    await tell();
    expect(await feed('svc_a')).toEqual([
      {
        id: expect.stringMatching(/^evt_/),
        type: 'person.certificate-restored',
        at: Date.UTC(2026, 10, 22),
        ppid,
        source: 'crl',
      },
    ]);
    expect(await feed('svc_b')).toEqual([]);
  });

  it('is told of each hold and of each release', async () => {
    const again = { ...revoked(onHold, 6), revokedAt: new Date(now - hour) };
    await publish(login, 10, revoked(7, 1));
    await publish(login, 11, revoked(onHold, 6));
    await publish(login, 12, revoked(7, 1));
    await publish(login, 13, again);
    await publish(login, 14, revoked(7, 1));
    await tell();
    expect((await types()).toSorted()).toEqual([
      'person.certificate-restored',
      'person.certificate-restored',
      'person.certificate-revoked',
      'person.certificate-revoked',
    ]);
  });

  it.each([
    ['was revoked for good', 1, { validUntil }],
    ['has expired', 6, { validUntil: now - 1 }],
    ['was never presented, so that its expiry is not known', 6, {}],
  ] as const)('is no event if the card %s', async (_, reason, expiry) => {
    const serial = onHold + 1;
    await identifyPerson({ ...reference(login, serial), ...expiry }, a, ports);
    await publish(login, 10, revoked(7, 1), revoked(serial, reason));
    await publish(login, 11, revoked(7, 1));
    await tell();
    expect(await feed('svc_a')).toEqual([]);
  });
});

it('is silent about the released hold of a card that a renewed one has replaced', async () => {
  const old = 0x0200_0031;
  const validUntil = now + 400 * 24 * hour;
  await identifyPerson({ ...reference(login, old), validUntil }, a, ports);
  const predecessor = { reference: reference(login, old), relation: 'renewed' } as const;
  const linkage = { ...ports.linkage, predecessorOf: async () => predecessor };
  await identifyPerson(reference(login, old + 1), a, { ...ports, linkage });
  await publish(login, 10, revoked(7, 1), revoked(old, 6));
  await publish(login, 11, revoked(7, 1));
  expect(await tell()).toEqual({ listed: 0, persons: 1, events: 0 });
  expect(await types()).not.toContain('person.certificate-restored');
});

describe('a signature certificate that a new list revokes', () => {
  it('is told for changed attributes, to the services that have confirmed them with it', async () => {
    await publish(signing, 10, revoked(7, 1));
    await publish(signing, 11, revoked(7, 1), revoked(signature, 3));
    expect(await tell()).toEqual({ listed: 1, persons: 1, events: 1 });
    expect((await feed('svc_a')).map(({ type, ppid }) => [type, ppid])).toEqual([
      ['person.attributes-changed', ppids.a],
    ]);
    expect(await feed('svc_b')).toEqual([]);
  });

  it.each([1, 4, 5, 6])(
    'is no event for the reason %i, which changes no attributes',
    async (reason) => {
      await publish(signing, 10, revoked(7, 1));
      await publish(signing, 11, revoked(7, 1), revoked(signature, reason));
      expect(await tell()).toEqual({ listed: 1, persons: 1, events: 0 });
      expect(await feed('svc_a')).toEqual([]);
    },
  );
});

it('is silent about a signature certificate whose hold was released', async () => {
  await publish(signing, 10, revoked(7, 1), revoked(signature, 6));
  await publish(signing, 11, revoked(7, 1));
  expect(await tell()).toEqual({ listed: 0, persons: 0, events: 0 });
});

it('is silent about a list of an issuer that the trust profile does not have', async () => {
  const stranger = createAuthority('stranger', 9);
  await publish(stranger, 10, revoked(7, 1));
  await publish(stranger, 11, revoked(card, 1));
  expect(await tell()).toEqual({ listed: 0, persons: 0, events: 0 });
});
