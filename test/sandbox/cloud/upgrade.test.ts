import { BatchWriteCommand, ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import type { CertificateReference } from '../../../lambdas/people/certificate-reference.ts';
import { findOwner, listEntries, listHeld, readStanding } from '../../../lambdas/people/records.ts';
import { sealClearRecords } from '../../../sandbox/cloud/upgrade/clear-identity-records.ts';
import { a, certificate, now, portsWith } from '../../people/scene.ts';

const table = 'identity';
const indexMac = async (message: Uint8Array): Promise<Uint8Array> =>
  createHmac('sha256', 'index key of the first release').update(message).digest();

/** As the first release sealed a reference. */
async function sealed(subjectId: string, { issuerKeyId, serial }: CertificateReference) {
  const key = await indexMac(Buffer.from('my-key-platform/reference-seal/1'));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(subjectId));
  const body = [Buffer.from(issuerKeyId, 'hex'), Buffer.alloc(8), serial];
  const text = Buffer.concat([cipher.update(Buffer.concat(body)), cipher.final()]);
  return Buffer.concat([Buffer.of(1), nonce, text, cipher.getAuthTag()]);
}

/** A person with two cards at one service, as the first release wrote them. */
async function person(subjectId: string, serials: readonly number[], ppid: string) {
  const pk = `SUBJECT#${subjectId}`;
  const held = serials.map(async (serial, n) => [
    { pk: `CERTIFICATE#${serial}`, sk: 'CERTIFICATE', subjectId },
    {
      pk,
      sk: `CERTIFICATE#${serial}`,
      sealed: await sealed(subjectId, certificate(serial)),
      superseded: n < serials.length - 1,
      filedAt: now,
    },
  ]);
  return [
    { pk, sk: 'SUBJECT', suspended: subjectId === 'suspended', createdAt: now },
    ...(await Promise.all(held)).flat(),
    { pk, sk: `PPID#${a.serviceId}`, ppid, keyVersion: 'ppid-1', issuedAt: now },
    { pk: `PPID#${a.serviceId}#${ppid}`, sk: 'PPID', subjectId },
    {
      pk,
      sk: `ATTRIBUTES#${a.serviceId}`,
      sealed: await sealed(subjectId, certificate(serials[0]! + 1000)),
      confirmedAt: now,
    },
  ];
}

type Item = Readonly<Record<string, unknown>>;

/** Pages of two records; deletions fail as often as told. */
function clientOf(items: Item[], failures: { left: number }): DynamoDBDocumentClient {
  const nameOf = ({ pk, sk }: Item): string => `${String(pk)} ${String(sk)}`;
  const send = async (command: unknown): Promise<object> => {
    if (command instanceof ScanCommand) {
      const at = Number(command.input.ExclusiveStartKey?.['at'] ?? 0);
      const LastEvaluatedKey = at + 2 < items.length ? { at: at + 2 } : undefined;
      return { Items: items.slice(at, at + 2), LastEvaluatedKey };
    }
    if (!(command instanceof BatchWriteCommand)) throw new Error('not expected');
    if (failures.left > 0) {
      failures.left -= 1;
      throw new Error('killed');
    }
    const [first, ...rest] = command.input.RequestItems![table]!;
    const gone = nameOf(first!.DeleteRequest!.Key as Item);
    items.splice(
      items.findIndex((item) => nameOf(item) === gone),
      1,
    );
    return { UnprocessedItems: rest.length > 0 ? { [table]: rest } : {} };
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

describe('clear identity records of the first release', () => {
  let items: Item[];
  let failures: { left: number };
  const ports = () => {
    const { store, keys } = people;
    return { client: clientOf(items, failures), table, store, keys, indexMac };
  };
  let people: ReturnType<typeof portsWith>;
  beforeEach(async () => {
    people = portsWith();
    failures = { left: 0 };
    items = [
      ...(await person('one', [1, 2], 'ppid-of-one')),
      ...(await person('suspended', [3], 'ppid-of-suspended')),
      { pk: 'S#kept', sk: 'S', sealed: Buffer.of(1) },
    ];
  });

  it('become sealed records with the same PPIDs, and are deleted', async () => {
    await expect(sealClearRecords(ports())).resolves.toBe(2);
    expect(items).toEqual([{ pk: 'S#kept', sk: 'S', sealed: Buffer.of(1) }]);
    for (const serial of [1, 2])
      await expect(identifyPerson(certificate(serial), a, people)).resolves.toBe('ppid-of-one');
    await expect(identifyPerson(certificate(3), a, people)).rejects.toMatchObject({
      code: 'subject-suspended',
    });
    await expect(sealClearRecords(ports())).resolves.toBe(0);
  });

  it('keep history, baseline and the key that computed the PPID', async () => {
    await sealClearRecords(ports());
    const { subjectId } = (await findOwner(people, certificate(1)))!.value;
    expect((await readStanding(people, subjectId))!.value.suspended).toBe(false);
    const held = (await listHeld(people, subjectId)).map(({ value }) => value);
    expect(held.map(({ certificate: { serial }, superseded }) => [serial, superseded])).toEqual(
      expect.arrayContaining([
        ['00000001', true],
        ['00000002', false],
      ]),
    );
    const [entry, ...others] = await listEntries(people, subjectId);
    expect(others).toEqual([]);
    expect(entry!.value).toEqual({ ppid: 'ppid-of-one', keyVersion: 'ppid-1', issuedAt: now });
    expect(entry!.registration.value).toEqual({
      serviceId: a.serviceId,
      baseline: {
        certificate: { issuerKeyId: 'a'.repeat(64), serial: '000003e9' },
        confirmedAt: now,
      },
    });
  });

  it('are rewritten once, however often the sandbox is killed meanwhile', async () => {
    failures.left = 2;
    await expect(sealClearRecords(ports())).rejects.toThrow('killed');
    await expect(sealClearRecords(ports())).rejects.toThrow('killed');
    await sealClearRecords(ports());
    const { subjectId } = (await findOwner(people, certificate(1)))!.value;
    expect(await listEntries(people, subjectId)).toHaveLength(1);
    await expect(identifyPerson(certificate(2), a, people)).resolves.toBe('ppid-of-one');
  });
});
