import { KMSClient } from '@aws-sdk/client-kms';
import { MyKeyError } from '../../../errors.ts';
import { requestLimits } from '../request-limits.ts';

/** One client per process. KMS answers in about 10 ms; three tries fit into Lambda's timeout. */
export const kmsClient = (): KMSClient =>
  new KMSClient({
    maxAttempts: 3,
    requestHandler: requestLimits(3_000),
  });

/** @throws MyKeyError `dependency-unavailable`, with the SDK's error as cause */
export async function kmsAnswer<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new MyKeyError('dependency-unavailable', 'the key service does not answer', { cause });
  }
}
