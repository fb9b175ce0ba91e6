import {
  buildCertificate,
  buildName,
  certificateExtensions as ext,
  type CertificateTemplate,
} from '../../sandbox/pki/build-certificate.ts';
import { generateSigner, type Signer, spkiOf } from '../../sandbox/pki/signing.ts';
import { fixedSigner } from './fixed-signing.ts';

/** The time of every revocation vector. */
export const now = new Date('2026-06-15T12:00:00Z');
export const hours = (count: number): Date => new Date(now.getTime() + count * 3_600_000);
export const seconds = (count: number): Date => new Date(now.getTime() + count * 1000);

export const policyLimits = { clockSkewMs: 300_000, maximumAgeMs: 7 * 24 * 3_600_000 };

export const algorithms = {
  minimumRsaBits: 2048,
  curves: ['P-256', 'P-384', 'Ed25519'],
  hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
} as const;

const name = (organisation: string): Buffer => buildName(['C', 'JP'], ['O', organisation]);

/** A CA or an end entity: name, key, certificate. */
export interface Party {
  readonly name: Buffer;
  readonly signer: Signer;
  readonly spki: Buffer;
  readonly der: Buffer;
}

/** Returns the key for a subject name and serial number. */
export type NewSigner = (about: { readonly subject: Buffer; readonly serial: unknown }) => Signer;

/** Deterministic keys, derived from the owner and the number of keys that the owner already has. */
export function fixedSigners(): NewSigner {
  const made = new Map<string, number>();
  return ({ subject, serial }) => {
    const owner = `${subject.toString('hex')} ${String(serial)}`;
    const before = made.get(owner) ?? 0;
    made.set(owner, before + 1);
    return fixedSigner('P-256', `${owner} ${before}`);
  };
}

const randomSigner: NewSigner = () => generateSigner('P-256');

/** Issues a certificate by `by` for `subject`, with a new key unless one is given. */
function issueWith(
  newSigner: NewSigner,
  by: Pick<Party, 'name' | 'signer'>,
  subject: Buffer,
  template: Partial<CertificateTemplate> & { readonly key?: Signer } = {},
): Party {
  const signer = template.key ?? newSigner({ subject, serial: template.serial ?? 100 });
  const spki = spkiOf(signer);
  const der = buildCertificate(
    {
      serial: 100,
      issuer: by.name,
      subject,
      notBefore: hours(-1000),
      notAfter: hours(10_000),
      spki,
      ...template,
    },
    by.signer,
  );
  return { name: subject, signer, spki, der };
}

/** A few CAs with P-256 keys, created once for each run. */
export type RevocationPki = ReturnType<typeof makeRevocationPki>;

/** @param newSigner default: random keys; `fixedSigners()` for deterministic data */
export function makeRevocationPki(newSigner: NewSigner = randomSigner) {
  const issue = (
    by: Pick<Party, 'name' | 'signer'>,
    subject: Buffer,
    template?: Partial<CertificateTemplate> & { readonly key?: Signer },
  ): Party => issueWith(newSigner, by, subject, template);
  const caExtensions = [ext.basicConstraints(true), ext.keyUsage('keyCertSign', 'cRLSign')];
  const selfSigned = (subject: Buffer, extensions = caExtensions): Party => {
    const signer = newSigner({ subject, serial: 1 });
    return issue({ name: subject, signer }, subject, { key: signer, extensions, serial: 1 });
  };

  const authorityName = name('Authority');
  const authority = selfSigned(authorityName);
  /** Another generation: the same name, another key, self-signed. */
  const otherGeneration = selfSigned(authorityName);
  const stranger = selfSigned(name('Stranger'));
  const leaf = (...extensions: readonly Uint8Array[]): Party =>
    issue(authority, name('Person'), {
      serial: 4242,
      extensions: [ext.keyUsage('digitalSignature'), ...extensions],
      key: leafKey,
    });
  const leafKey = newSigner({ subject: name('Person'), serial: 4242 });
  return { issue, selfSigned, name, caExtensions, authority, otherGeneration, stranger, leaf };
}
