import { BatchWriteCommand, ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDecipheriv } from 'node:crypto';
import {
  keptReference,
  type CertificateReference,
} from '../../../lambdas/people/certificate-reference.ts';
import type { IdentityKeys } from '../../../lambdas/people/identity-keys.ts';
import type {
  IdentityStore,
  RecordChange,
  RecordContent,
} from '../../../lambdas/people/identity-store.ts';
import { bucketOf, newSubjectId } from '../../../lambdas/people/layout.ts';
import {
  certificateIndexRecord,
  entryRecord,
  registrationRecord,
  findOwner,
  heldRecord,
  ppidIndexRecord,
  standingRecord,
  type Entry,
  type Registration,
} from '../../../lambdas/people/records.ts';

/**
 * Identity records as the release of 2026-11-22 wrote them, with PPIDs in the clear:
 *
 * SUBJECT#id / SUBJECT · SUBJECT#id / CERTIFICATE#index (sealed) · SUBJECT#id / PPID#service ·
 * SUBJECT#id / ATTRIBUTES#service (sealed) · CERTIFICATE#index / CERTIFICATE ·
 * PPID#service#ppid / PPID
 */
interface ClearRecord {
  readonly pk: string;
  readonly sk: string;
  readonly subjectId?: string;
  readonly suspended?: boolean;
  readonly sealed?: Uint8Array;
  readonly superseded?: boolean;
  readonly filedAt?: number;
  readonly ppid?: string;
  readonly keyVersion?: string;
  readonly issuedAt?: number;
  readonly confirmedAt?: number;
}

export interface ClearRecordsPorts {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly store: IdentityStore;
  readonly keys: IdentityKeys;
  /** GenerateMac of the index key, from which that release derived its sealing key. */
  readonly indexMac: (message: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Rewrites them as sealed records: every person keeps their PPIDs. Each person is written in one
 * transaction before their clear records are deleted, so an interrupted run is repeated.
 *
 * @returns the number of persons rewritten; 0 if there are no such records
 */
export async function sealClearRecords(ports: ClearRecordsPorts): Promise<number> {
  const records = await clearRecords(ports);
  const bySubject = Map.groupBy(
    records.filter(({ pk }) => pk.startsWith('SUBJECT#')),
    ({ pk }) => pk.slice('SUBJECT#'.length),
  );
  if (bySubject.size > 0) {
    const sealKey = await ports.indexMac(Buffer.from('my-key-platform/reference-seal/1', 'utf8'));
    for (const [subjectId, person] of bySubject) await rewrite(subjectId, person, sealKey, ports);
  }
  await remove(records, ports);
  return bySubject.size;
}

async function clearRecords({ client, table }: ClearRecordsPorts): Promise<ClearRecord[]> {
  const records: ClearRecord[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey }),
    );
    for (const item of page.Items ?? [])
      if (/^(SUBJECT|CERTIFICATE|PPID)#/.test(String(item['pk'])))
        records.push(item as ClearRecord);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return records;
}

async function rewrite(
  clearId: string,
  person: readonly ClearRecord[],
  sealKey: Uint8Array,
  { store, keys }: ClearRecordsPorts,
): Promise<void> {
  const held = person
    .filter(({ sk }) => sk.startsWith('CERTIFICATE#'))
    .map((record) => ({ record, certificate: openReference(sealKey, clearId, record.sealed!) }));
  const [first] = held;
  // An interrupted run has written this person.
  if (first !== undefined && (await findOwner({ store, keys }, first.certificate)) !== undefined)
    return;
  const subjectId = newSubjectId(await keys.bucketForNewSubject());
  const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(subjectId))]);
  const suspended = person.some((record) => record.suspended === true);
  const written: RecordContent[] = [standingRecord(index, { subjectId, suspended })];
  for (const { record, certificate } of held) {
    const { filedAt = 0, superseded = false } = record;
    const kept = keptReference(certificate);
    written.push(
      certificateIndexRecord(index, certificate, { subjectId }),
      heldRecord(
        { index, bucket },
        { subjectId, kind: 'user-authentication', certificate: kept, filedAt, superseded },
        certificate,
      ),
    );
  }
  for (const { sk, ppid, keyVersion = '', issuedAt = 0 } of person) {
    if (!sk.startsWith('PPID#')) continue;
    const serviceId = sk.slice('PPID#'.length);
    const service = await keys.service(serviceId);
    const baseline = person.find((record) => record.sk === `ATTRIBUTES#${serviceId}`);
    const entry: Entry = {
      ppid: ppid!,
      keyVersion,
      issuedAt,
    };
    const registration: Registration = {
      serviceId,
      ...(baseline && {
        baseline: {
          certificate: keptReference(openReference(sealKey, clearId, baseline.sealed!)),
          confirmedAt: baseline.confirmedAt ?? 0,
        },
      }),
    };
    written.push(
      entryRecord(service, subjectId, entry),
      registrationRecord({ service, bucket }, subjectId, registration),
      ppidIndexRecord({ service, index }, entry.ppid, { subjectId }),
    );
  }
  const changes = written.map((record): RecordChange => ({ change: 'create', record }));
  if (!(await store.write(changes)))
    throw new Error('a person of the former layout is written already in the present one');
}

async function remove(
  records: readonly ClearRecord[],
  { client, table }: ClearRecordsPorts,
): Promise<void> {
  // BatchWriteItem takes 25 requests.
  for (let at = 0; at < records.length; at += 25) {
    let requests = records
      .slice(at, at + 25)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
    while (requests.length > 0) {
      const { UnprocessedItems = {} } = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: requests } }),
      );
      requests = (UnprocessedItems[table] ?? []) as typeof requests;
    }
  }
}

/**
 * AES-256-GCM bound to the subject: version octet, nonce (12); issuer key id (32), notAfter in
 * milliseconds (8, 0: unknown), serial; tag (16).
 */
function openReference(
  sealKey: Uint8Array,
  subjectId: string,
  sealed: Uint8Array,
): CertificateReference {
  const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(1, 13), {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(subjectId, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()]);
  const validUntil = Number(plain.readBigInt64BE(32));
  return {
    issuerKeyId: plain.toString('hex', 0, 32),
    serial: plain.subarray(40),
    ...(validUntil !== 0 && { validUntil }),
  };
}
