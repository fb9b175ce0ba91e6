import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Comparison } from '../../../crl-store/ingest/comparison.ts';
import { MyKeyError } from '../../../errors.ts';

/**
 * Comparisons as objects `differences/<generation id>.json`, an array with one element for each
 * worker: the creation of the object starts the state machine that maps over it.
 */
export class ComparisonFiles {
  private readonly client: Pick<S3Client, 'send'>;
  private readonly bucket: string;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  async put(generationId: string, comparisons: readonly Comparison[]): Promise<void> {
    try {
      await this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: `differences/${generationId}.json`,
          Body: JSON.stringify(comparisons),
          ContentType: 'application/json',
        }),
      );
    } catch (cause) {
      throw new MyKeyError('dependency-unavailable', 'the comparison could not be stored', {
        cause,
      });
    }
  }
}
