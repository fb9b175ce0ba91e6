import { MyKeyError } from '../../../errors.ts';
import type { CertificateReference } from '../../../people/certificate-reference.ts';
import { scopeOfDistributionPoint } from '../../../pki/revocation/stored-lists.ts';
import type { Linkage, Predecessor } from '../../../people/linkage.ts';
import { adapterLimits } from '../limits.ts';

/**
 * The linkage service over HTTP. Anything but a well-formed 200 (timeout, error, unknown
 * certificate) throws `linkage-unavailable`.
 */
export function httpLinkage(baseUrl: string, fetchFrom: typeof fetch = fetch): Linkage {
  const ask = async (path: string, reference: CertificateReference, timeoutMs: number) => {
    try {
      const { issuerKeyId } = reference;
      const serial = Buffer.from(reference.serial).toString('hex');
      const url = `${baseUrl.replace(/\/+$/, '')}${path}`;
      return await post(fetchFrom, url, { issuerKeyId, serial }, timeoutMs);
    } catch (cause) {
      throw new MyKeyError('linkage-unavailable', 'the linkage service does not answer', { cause });
    }
  };
  return {
    async predecessorOf(reference, timeoutMs) {
      const answer = await ask('/renewals', reference, timeoutMs);
      return parse(() => {
        const found = optionalReference(answer, 'predecessor');
        return found && { reference: found, relation: relationIn(answer) };
      });
    },
    async signatureCertificateOf(reference, timeoutMs) {
      const answer = await ask('/signature-certificates', reference, timeoutMs);
      return parse(() => {
        const found = optionalReference(answer, 'signature');
        if (found !== undefined) return { reference: { ...found, ...listScopeIn(answer) } };
        const { reason } = answer;
        return {
          reference: undefined,
          reason: typeof reason === 'string' ? reason.slice(0, 64) : 'none',
        };
      });
    },
  };
}

async function post(
  fetchFrom: typeof fetch,
  url: string,
  body: object,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetchFrom(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    // The signal also aborts reading the body; it accepts whole milliseconds only.
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
  });
  const text = await boundedText(response);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object');
  return value as Readonly<Record<string, unknown>>;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > adapterLimits.linkageAnswerBytes) throw new Error('answer too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * null: no predecessor. Any value other than null or a reference is invalid, so that an outage is
 * never read as a new person.
 */
function optionalReference(
  answer: Readonly<Record<string, unknown>>,
  member: string,
): CertificateReference | undefined {
  const value = answer[member];
  if (value === null) return undefined;
  const { issuerKeyId, serial } = (value ?? {}) as Record<string, unknown>;
  if (typeof issuerKeyId !== 'string' || !/^[0-9a-f]{64}$/.test(issuerKeyId)) {
    throw new Error('no issuer key id');
  }
  // RFC 5280 §4.1.2.2: at most 20 octets, plus a leading zero octet for the sign.
  if (typeof serial !== 'string' || !/^(?:[0-9a-f]{2}){1,21}$/.test(serial)) {
    throw new Error('no serial');
  }
  return { issuerKeyId, serial: Buffer.from(serial, 'hex') };
}

/** The DistributionPointName of the signature certificate, DER in base64; optional. */
function listScopeIn({ signature }: Readonly<Record<string, unknown>>): { listScope?: string } {
  const { distributionPoint } = signature as Record<string, unknown>;
  if (distributionPoint === undefined) return {};
  if (
    typeof distributionPoint !== 'string' ||
    !/^(?:[A-Za-z0-9+/]{4}){0,350}(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{4})$/.test(
      distributionPoint,
    )
  ) {
    throw new Error('no distribution point');
  }
  return { listScope: scopeOfDistributionPoint(Buffer.from(distributionPoint, 'base64')) };
}

/** If the relation is absent, the predecessor was replaced: an ordinary renewal. */
function relationIn({ relation }: Readonly<Record<string, unknown>>): Predecessor['relation'] {
  if (relation === undefined || relation === 'renewed') return 'renewed';
  if (relation === 'beside') return 'beside';
  throw new Error('no relation to the predecessor');
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new MyKeyError('linkage-unavailable', 'the linkage service sent an invalid answer', {
      cause,
    });
  }
}
