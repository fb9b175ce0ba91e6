import { beforeAll, describe, expect, it } from '@jest/globals';
import { announceOnce } from '../../lambdas/people/announcements.ts';
import { requestOnBehalf } from '../../lambdas/people/behalf.ts';
import { enrolChip } from '../../lambdas/people/chips.ts';
import { recordConsent } from '../../lambdas/people/consents.ts';
import { requestCorrection } from '../../lambdas/people/corrections.ts';
import { appendEvents, readFeed } from '../../lambdas/people/feed.ts';
import { currentCards } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { raiseFlag } from '../../lambdas/people/flags.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { putLink } from '../../lambdas/people/links.ts';
import { issueMyKeyId } from '../../lambdas/people/my-key-id-records.ts';
import { dayOf, requestDeletion, suspendUse } from '../../lambdas/people/rights.ts';
import { keepSignatureAnswer } from '../../lambdas/people/signature-certificate.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate as numbered, linkageOf, now, portsWith, retention } from './scene.ts';

/**
 * An attacker has every item of the identity table after people have done everything that leaves a
 * record, and all that two services were told.
 */
const people = 12;
/** As long as real serials, so that none is found in a counter by chance. */
const first = 0x07_65_43_00;
const certificate = (serial: number, issuer?: string) => numbered(first + serial, issuer);
const store = memoryIdentityStore();
const ports = {
  ...portsWith({ store, linkage: linkageOf({ [first + 101]: first + 1 }) }),
  deletionGraceMs: 86_400_000,
  retention,
};
const received = { a: new Set<string>(), b: new Set<string>() };
const secrets = new Set<string>();

const userNumber = (service: string, serial: number): string => `${service}-number-${serial}`;

beforeAll(async () => {
  for (let serial = 1; serial <= people; serial++) {
    const ppid = { a: await identifyPerson(certificate(serial), a, ports), b: '' };
    ppid.b = await identifyPerson(certificate(serial), b, ports);
    for (const [name, { serviceId }] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const own = { ppid: ppid[name], userNumber: userNumber(name, serial), replace: false };
      await putLink(ports, serviceId, own);
      await recordConsent(ports, serviceId, {
        ppid: ppid[name],
        document: `terms-of-${name}`,
        version: '2026-11',
        kind: 'consent',
      });
      for (const value of [own.ppid, own.userNumber]) received[name].add(value);
    }
    const chip = { certificate: certificate(serial), publicKey: Buffer.from(`chip ${serial}`) };
    await enrolChip(ports, a.serviceId, ppid.a, chip);
    const { value } = (await personOfPpid(ports, a.serviceId, ppid.a))!;
    const [card] = await currentCards(ports, value);
    await keepSignatureAnswer(card!, { reference: certificate(500 + serial, 'c') }, ports);
    const { myKeyId } = await issueMyKeyId(ports, value.subjectId, certificate(serial));
    for (const secret of [value.subjectId, myKeyId, `chip ${serial}`]) secrets.add(secret);
    const event = { type: 'person.renewed', at: now, source: 'login' } as const;
    await appendEvents(ports, a.serviceId, [{ ...event, ppid: ppid.a, cause: `c${serial}` }]);
    await appendEvents(ports, b.serviceId, [{ ...event, ppid: ppid.b, cause: `c${serial}` }]);
    await announceOnce({ ...event, subjectId: value.subjectId, cause: 'd' }, ports);
    await requestOnBehalf(ports, {
      act: 'disclose',
      subjectId: value.subjectId,
      basis: 'guardian',
      fileReference: `File ${serial}`,
      requestedBy: 'first operator',
    });
    const statement = `never the number ${serial} of mine`;
    const wish = { about: 'user-number', serviceId: a.serviceId, statement } as const;
    await requestCorrection(ports, value.subjectId, wish, 'person');
    secrets.add(statement);
    if (serial % 2 === 0) await suspendUse(ports, value.subjectId, 'person');
    if (serial % 3 === 0) await requestDeletion(ports, value.subjectId);
  }
  await identifyPerson(certificate(101), a, ports);
  const [one, another] = [...secrets].filter((secret) => /^[0-9a-f]{35}$/.test(secret));
  await raiseFlag(ports, {
    kind: 'predecessor-of-another-subject',
    subjects: [one!, another!],
    seenAt: now,
  });
  const later = { ...ports, now: now + 86_400_000 };
  for (const [name, { serviceId }] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const { events } = await readFeed(later, serviceId, { after: undefined, limit: 100 });
    for (const { id } of events) received[name].add(id);
  }
});

/** Names, tokens and octets of every item, as text and as the attacker may have encoded them. */
const scanned = (): string =>
  [...store.records.values()]
    .flatMap(({ pk, sk, sealed, owner }) => [
      pk,
      sk,
      ...[sealed, owner ?? new Uint8Array()].flatMap((octets) => [
        Buffer.from(octets).toString('latin1'),
        Buffer.from(octets).toString('hex'),
        Buffer.from(octets).toString('base64'),
      ]),
    ])
    .join('\n');

describe('a scan of the identity table and what two services were told', () => {
  it('covers every kind of record', () => {
    const kinds = new Set([...store.records.values()].map(({ pk, sk }) => `${pk[0]}${sk[0]}`));
    expect([...kinds].sort().join(' ')).toBe(
      'BB CC DD EE FF GG KK MM NN PP QB QQ SG SH SM SR SS UU VV',
    );
  });

  it('have no value in common: no PPID, user number or event id stands in the table', () => {
    const text = scanned();
    const all = [...received.a, ...received.b];
    expect(all.length).toBe(2 * people * 3);
    expect(all.filter((value) => text.includes(value))).toEqual([]);
  });

  it('give two services nothing in common', () => {
    expect([...received.a].filter((value) => received.b.has(value))).toEqual([]);
  });

  it('show no subject, My Key ID, chip, serial, service, operator, text or date in the clear', () => {
    const text = scanned();
    const serials = Array.from({ length: people }, (_, n) =>
      Buffer.from(certificate(n + 1).serial).toString('hex'),
    );
    const words = [
      'svc_a',
      'svc_b',
      'terms-of-',
      '2026-11',
      'first operator',
      'File 1',
      'guardian',
    ];
    const dates = [
      dayOf(now),
      dayOf(now + 86_400_000),
      String(now),
      String(Math.floor(now / 1000)),
    ];
    // Eight hexadecimal digits occur by chance in ciphertext: serials are sought in names alone.
    const names = [...store.records.values()].map(({ pk, sk }) => `${pk} ${sk}`).join('\n');
    expect([...secrets, ...words, ...dates].filter((value) => text.includes(value))).toEqual([]);
    expect(serials.filter((value) => names.includes(value))).toEqual([]);
  });
});
