import { beforeAll, describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  inventory,
  inventoryPage,
  readers,
  type SealedUnder,
} from '../../lib/documentation/data-inventory.ts';
import { announceOnce } from '../../lambdas/people/announcements.ts';
import { requestOnBehalf } from '../../lambdas/people/behalf.ts';
import {
  approveOutcome,
  proposeOutcome,
  requestCorrection,
} from '../../lambdas/people/corrections.ts';
import { enrolChip } from '../../lambdas/people/chips.ts';
import { appendEvents, readFeed } from '../../lambdas/people/feed.ts';
import { currentCards } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid, registrationOfPerson } from '../../lambdas/people/find-person.ts';
import { raiseFlag } from '../../lambdas/people/flags.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { DerivedKey } from '../../lambdas/people/identity-keys.ts';
import { keepRegistration } from '../../lambdas/people/keep-registration.ts';
import { bucketOf } from '../../lambdas/people/layout.ts';
import { putLink } from '../../lambdas/people/links.ts';
import { issueMyKeyId } from '../../lambdas/people/my-key-id-records.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { requestDeletion, suspendUse } from '../../lambdas/people/rights.ts';
import { unseal } from '../../lambdas/people/seal.ts';
import { keepSignatureAnswer } from '../../lambdas/people/signature-certificate.ts';
import { importFromTests } from '../capabilities/import-from-tests.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import type { Grants } from '../lib/granted-actions.ts';
import { a, b, certificate, now, portsWith, retention } from '../people/scene.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** The formatter aligns tables. */
const unaligned = (page: string): string => page.replaceAll(/-{3,}/g, '---').replaceAll(/ +/g, ' ');
const kindsOf = (place: string): readonly string[] =>
  inventory.filter((each) => each.place === place).map(({ kind }) => kind);

describe('docs/data-inventory', () => {
  it.each([
    ['en', 'docs/data-inventory.md'],
    ['ja', 'docs/data-inventory.ja.md'],
  ] as const)('is what the schema makes (%s)', (language, file) => {
    expect(unaligned(read(file))).toBe(unaligned(inventoryPage(language, readers)));
  });

  it('names as readers exactly the functions whose roles may read', async () => {
    const modules = await importFromTests<{ grants: Readonly<Record<string, Grants>> }>(
      'grants.ts',
    );
    const granted = Object.assign({}, ...modules.map(({ grants }) => grants)) as Record<
      string,
      Grants
    >;
    const found = Object.entries(granted).flatMap(([name, grants]) => {
      const tables = Object.entries(grants)
        .filter(([, actions]) =>
          actions.some((each) => /:(BatchGetItem|GetItem|Query|Scan)$/.test(each)),
        )
        .map(([resource]) => /^(\w+)Table$/.exec(resource)?.[1])
        .filter((table) => table !== undefined);
      const keys = ['index', 'service', 'bucket'].filter(
        (family) => `${family[0]!.toUpperCase()}${family.slice(1)}Key` in grants,
      );
      return tables.length === 0 ? [] : [[name, { tables: tables.sort(), keys }] as const];
    });
    expect(readers).toEqual(Object.fromEntries(found));
  });
});

describe('every kind of record that code writes is in it', () => {
  it('in the identity table, by the comment that lists its names', () => {
    const [comment] = /\/\*\*\n \* Partition[\s\S]*?\*\//.exec(read('lambdas/people/layout.ts'))!;
    const listed: string[] = [];
    let partition = '';
    for (const line of comment.split('\n')) {
      const [, pk, sk] = /^ \* (?:([A-Z]#?)[^/]*| +)\/ ([A-Z]#?)/.exec(line) ?? [];
      if (pk !== undefined) partition = pk;
      else if (line.startsWith(' * S#')) partition = 'S#';
      if (sk !== undefined) listed.push(`${partition} / ${sk}`);
    }
    expect(listed.sort()).toEqual([...kindsOf('Identity')].sort());
  });

  it('in the other tables, by the names in the stores', () => {
    const found = new Set<string>();
    for (const file of globSync('lambdas/platform/adapters/dynamodb/*.ts', { cwd: root })) {
      const source = read(file);
      for (const [, name] of source.matchAll(/(?:pk: |string =>\s+)`([A-Z-]+#)\$\{/g))
        found.add(name!);
      for (const [, name] of source.matchAll(/pk: '([A-Z-]+)'/g)) found.add(name!);
      if (source.includes('pk: `${kind}#${id}`'))
        for (const [, kinds] of source.matchAll(/type Kind = (.+);/g))
          for (const [, kind] of kinds!.matchAll(/'([A-Z]+)'/g)) found.add(`${kind}#`);
      for (const [, kinds] of source.matchAll(/counted: ('[A-Z]+'(?: \| '[A-Z]+')*)/g))
        for (const [, kind] of kinds!.matchAll(/'([A-Z]+)'/g)) found.add(`${kind}#`);
    }
    const documented = ['Services', 'Sessions', 'Jobs'].flatMap(kindsOf);
    expect([...found].sort()).toEqual([...new Set(documented)].sort());
  });
});

/** The kind of a record by its names, as the inventory writes it. */
const kindOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string =>
  [pk, sk].map((name) => /^[A-Z]#?/.exec(name)![0]).join(' / ');

describe('what a life of records leaves in the identity table', () => {
  const store = memoryIdentityStore();
  const ports = { ...portsWith({ store }), deletionGraceMs: 86_400_000, retention };
  const members = new Map<string, Set<string>>();
  const seals = new Map<string, Set<SealedUnder>>();

  beforeAll(async () => {
    const logIn = (serial: number, service = a) =>
      identifyPerson(certificate(serial), service, ports);
    const [ppid, other] = [await logIn(1), await logIn(2)];
    await logIn(1, b);
    const subject = async (of: string) => (await personOfPpid(ports, a.serviceId, of))!.value;
    const [one, two] = [await subject(ppid), await subject(other)];
    await putLink(ports, a.serviceId, { ppid, userNumber: '1001', replace: false });
    const chip = { certificate: certificate(1), publicKey: Buffer.from('chip') };
    await enrolChip(ports, a.serviceId, ppid, chip);
    const known = (await registrationOfPerson(ports, a.serviceId, one))!;
    const kept = { issuerKeyId: 'c'.repeat(64), serial: '05' };
    await keepRegistration(ports, known, {
      ...known.value,
      baseline: { certificate: kept, confirmedAt: now },
    });
    const [card] = await currentCards(ports, one);
    await keepSignatureAnswer(card!, { reference: certificate(7, 'c') }, ports);
    const subjects = [one.subjectId, two.subjectId];
    await raiseFlag(ports, { kind: 'predecessor-of-another-subject', subjects, seenAt: now });
    await mergeSubjects(
      { keep: one.subjectId, absorb: two.subjectId, operator: 'o', reason: 'r' },
      ports,
    );
    const event = { type: 'person.renewed', at: now, source: 'login', cause: 'c' } as const;
    await announceOnce({ ...event, subjectId: one.subjectId }, ports);
    await appendEvents(ports, a.serviceId, [{ ...event, ppid }]);
    const later = { ...ports, now: now + 86_400_000 };
    await readFeed(later, a.serviceId, { after: undefined, limit: 10 });
    await appendEvents(ports, a.serviceId, [{ ...event, ppid, cause: 'd' }]);
    await requestOnBehalf(ports, {
      act: 'suspend',
      subjectId: one.subjectId,
      basis: 'agent',
      fileReference: 'F',
      requestedBy: 'o',
    });
    const wish = { about: 'user-number', serviceId: a.serviceId, statement: 's' } as const;
    const { requestId } = await requestCorrection(ports, one.subjectId, wish, 'person');
    const outcome = { outcome: 'refused', reason: 'r', operator: 'o' } as const;
    await proposeOutcome(ports, requestId, outcome);
    await approveOutcome(ports, requestId, 'p');
    await requestCorrection(ports, one.subjectId, { about: 'record-of-two-persons' }, 'person');
    await issueMyKeyId(ports, one.subjectId, certificate(1));
    await suspendUse(ports, one.subjectId, 'person');
    await requestDeletion(ports, one.subjectId);
    await observe(subjects);
  });

  /** Opens every record with the keys of all families. */
  async function observe(subjects: readonly string[]): Promise<void> {
    const { keys } = ports;
    const families: (readonly [SealedUnder, DerivedKey])[] = [['index', await keys.index()]];
    for (const { serviceId } of [a, b]) families.push(['service', await keys.service(serviceId)]);
    for (const id of subjects) families.push(['bucket', await keys.bucket(bucketOf(id))]);
    for (const record of store.records.values()) {
      const kind = kindOf(record);
      for (const [family, key] of families) {
        try {
          const value = unseal(key, record, record.sealed) as object;
          members.set(kind, new Set([...(members.get(kind) ?? []), ...Object.keys(value)]));
          seals.set(kind, (seals.get(kind) ?? new Set()).add(family));
        } catch {
          // Another family's.
        }
      }
    }
  }

  it('is of documented kinds, under the documented key, with documented members only', () => {
    expect(members.size).toBeGreaterThan(14);
    for (const [kind, found] of members) {
      const documented = inventory.find((each) => each.kind === kind);
      expect([kind, documented === undefined ? 'missing' : 'documented']).toEqual([
        kind,
        'documented',
      ]);
      const unknown = [...found].filter((member) => !documented!.fields.includes(member));
      expect([kind, unknown]).toEqual([kind, []]);
      expect([kind, [...seals.get(kind)!]]).toEqual([kind, [documented!.sealedUnder]]);
    }
  });
});
