import { PlatformClient } from '../platform-client.ts';
import { buildCaCertificate, buildName } from '../../sandbox/pki/build-certificate.ts';
import { generateSigner } from '../../sandbox/pki/signing.ts';
import type { SmokeTarget } from './smoke-target.ts';

interface Verdict {
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  readonly code?: string;
}

/** A given certificate must be valid; an untrusted one generated here must be refused as such. */
export async function validation({ identity, certificate }: SmokeTarget): Promise<string> {
  const client = new PlatformClient({ ...identity, scope: 'certificates:validate' });
  const der = certificate ?? strangeCertificate();
  const { verdict, code } = await client.request<Verdict>('POST', '/v1/certificates/validate', {
    certificate: Buffer.from(der).toString('base64'),
  });
  const wanted = certificate === undefined ? 'invalid' : 'valid';
  const words = code === undefined ? verdict : `${verdict} (${code})`;
  if (verdict !== wanted) throw new Error(`the verdict is ${words}, not ${wanted}`);
  return certificate === undefined ? `a strange certificate is ${words}` : words;
}

function strangeCertificate(): Uint8Array {
  const now = Date.now();
  return buildCaCertificate({
    serial: 1,
    subject: buildName(['C', 'JP'], ['O', 'mykey smoke']),
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + 86_400_000),
    signer: generateSigner('P-256'),
  });
}
