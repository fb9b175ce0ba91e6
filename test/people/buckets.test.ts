import { expect, it } from '@jest/globals';
import type { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { createHmac } from 'node:crypto';
import type { RecordKey } from '../../lambdas/people/identity-store.ts';
import { bucketOf, newSubjectId } from '../../lambdas/people/layout.ts';
import { seal, unseal } from '../../lambdas/people/seal.ts';
import { kmsIdentityKeys } from '../../lambdas/platform/adapters/kms/identity-keys.ts';

/**
 * docs/identifiers.md: 4,096 buckets, and who has the key of one reads the serials of its persons
 * alone. A sandbox shows the 64 that one function draws; here are all, with the deployed derivation.
 */
const count = 4_096;

const ids = { index: 'index', service: 'service', bucket: 'bucket' };
const messages = new Set<string>();
const kms = {
  send: async ({ input }: GenerateMacCommand) => {
    const message = Buffer.from(input.Message!);
    messages.add(message.toString('latin1'));
    return { Mac: createHmac('sha256', input.KeyId!).update(message).digest() };
  },
} as unknown as KMSClient;

it('gives each number from 0 to 4,095 a bucket of its own, and every subject the one it was made for', () => {
  const numbers = Array.from({ length: count }, (_, n) => n);
  expect(numbers.map((n) => bucketOf(newSubjectId(n)))).toEqual(numbers);
});

it('draws over all of them: many functions’ first persons leave no part of the range out', async () => {
  const drawn: number[] = [];
  for (let functions = 0; functions < 100; functions++) {
    messages.clear();
    const keys = kmsIdentityKeys(kms, ids, 1);
    drawn.push(await keys.bucketForNewSubject());
    // The others that this function has at hand.
    for (const message of messages) drawn.push(Number(/bucket.*?(\d+)/s.exec(message)![1]));
  }
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(count);
  // 6,400 draws: 3,237 different ones are expected, with a deviation of 22, and 1.6 of each.
  expect(new Set(drawn).size).toBeGreaterThan(3_000);
  const times = Object.values(Object.groupBy(drawn, String)).map((same) => same!.length);
  expect(Math.max(...times)).toBeLessThan(20);
});

it('opens with one bucket’s key what is sealed for that bucket, and nothing of the 4,095 others', async () => {
  const keys = kmsIdentityKeys(kms, ids, 1);
  const records: (RecordKey & { readonly sealed: Uint8Array })[] = [];
  for (let n = 0; n < count; n++) {
    const place = { pk: `S#${n}`, sk: 'H' };
    records.push({ ...place, sealed: seal(await keys.bucket(n), place, { serial: String(n) }) });
  }
  const opened = async (bucket: number): Promise<readonly unknown[]> => {
    const key = await keys.bucket(bucket);
    return records.flatMap((record) => {
      try {
        return [unseal(key, record, record.sealed)];
      } catch {
        return [];
      }
    });
  };
  for (const bucket of [0, 2_049, count - 1])
    expect(await opened(bucket)).toEqual([{ serial: String(bucket) }]);
});
