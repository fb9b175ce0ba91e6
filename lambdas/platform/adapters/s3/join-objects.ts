import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { adapterLimits } from '../limits.ts';

/**
 * Writes a stream as one object, atomically (multipart upload), holding one part in memory. Parts
 * are not copied within S3 (UploadPartCopy), because most parts of a job are smaller than its 5 MiB
 * minimum. Returns the object's size in octets.
 */
export async function joinObjects(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  pieces: AsyncIterable<Uint8Array>,
): Promise<number> {
  const blocks = inBlocks(pieces);
  const first = await blocks.next();
  const body = first.done === true ? Buffer.alloc(0) : first.value;
  if (body.length < adapterLimits.resultPartBytes) {
    await client.send(new PutObjectCommand({ ...target, Body: body }));
    return body.length;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  try {
    const Parts: CompletedPart[] = [];
    let bytes = 0;
    for (let block = body; ;) {
      const PartNumber = Parts.length + 1;
      const part = new UploadPartCommand({ ...upload, PartNumber, Body: block });
      const { ETag } = await client.send(part);
      Parts.push({ PartNumber, ETag });
      bytes += block.length;
      const next = await blocks.next();
      if (next.done === true) break;
      block = next.value;
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
    );
    return bytes;
  } catch (error) {
    // If aborting fails, the bucket's lifecycle rule removes the parts after a day.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

/** Yields blocks of exactly `adapterLimits.resultPartBytes`; the last one may be shorter. */
async function* inBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    while (length >= adapterLimits.resultPartBytes) {
      const all = Buffer.concat(held);
      yield all.subarray(0, adapterLimits.resultPartBytes);
      held = [all.subarray(adapterLimits.resultPartBytes)];
      length -= adapterLimits.resultPartBytes;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
