import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MyKeyError } from '../../../errors.ts';

/** Membership filters as objects `filters/<layer id>`; immutable once written. */
export class FilterStore {
  private readonly client: Pick<S3Client, 'send'>;
  private readonly bucket: string;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  async put(layerId: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: keyOf(layerId),
          Body: bytes,
          ContentType: 'application/octet-stream',
        }),
      );
    } catch (cause) {
      throw new MyKeyError('dependency-unavailable', 'the filter could not be stored', { cause });
    }
  }

  async get(layerId: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: keyOf(layerId) }),
      );
      return await Body!.transformToByteArray();
    } catch (cause) {
      throw new MyKeyError('dependency-unavailable', 'the filter could not be read', { cause });
    }
  }
}

const keyOf = (layerId: string): string => `filters/${layerId}`;
