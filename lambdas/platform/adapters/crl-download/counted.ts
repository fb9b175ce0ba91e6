import { isCodedError, MyKeyError } from '../../../errors.ts';
import { refuseOtherForms } from './other-forms.ts';

/** Limits of one download. */
export interface DownloadLimits {
  /** Time limit of the whole download, in milliseconds. */
  readonly totalMs: number;
  readonly maximumBytes: number;
}

/**
 * Passes chunks on. Throws if the size exceeds the limit or differs from the announced length, and
 * on the first chunk if the content cannot be DER.
 */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  announced: number | undefined,
  limits: DownloadLimits,
): AsyncIterable<Uint8Array> {
  if (announced !== undefined && announced > limits.maximumBytes) throw tooLarge();
  let bytes = 0;
  try {
    for await (const chunk of refuseOtherForms(chunks)) {
      bytes += chunk.length;
      if (bytes > limits.maximumBytes) throw tooLarge();
      yield chunk;
    }
  } catch (cause) {
    if (isCodedError(cause)) throw cause;
    throw new MyKeyError('crl-download-failed', 'the download was interrupted', { cause });
  }
  if (announced !== undefined && bytes !== announced) {
    throw new MyKeyError('crl-download-failed', `${bytes} of ${announced} bytes arrived`);
  }
}

export const tooLarge = (): MyKeyError =>
  new MyKeyError('crl-too-large', 'the CRL is larger than its limit');
