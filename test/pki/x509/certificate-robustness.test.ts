import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  context,
  der,
  integer,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../../../sandbox/pki/der-writer.ts';
import { inputOf, pathVectors } from '../../vectors/paths.ts';

const vector = pathVectors.find(({ id }) => id === 'extensions/jpki-alternative-names')!;
const input = inputOf(vector);
const certificate = Buffer.from(input.leaf.der);

/** Result of validating these octets as the leaf; rethrows only errors without a code. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    const result = validatePath({ ...input, leaf: parseCertificate(bytes) });
    return result.valid ? 'valid' : result.code;
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
}

describe('octets that are not a certificate', () => {
  it('accepts the certificate itself', () => expect(outcomeOf(certificate)).toBe('valid'));

  it('refuses every truncation', () => {
    for (let length = 0; length < certificate.length; length++) {
      expect(outcomeOf(certificate.subarray(0, length))).toBe('certificate-malformed');
    }
  });

  it('refuses a certificate with one flipped bit', () => {
    for (let bit = 0; bit < certificate.length * 8; bit++) {
      const changed = Buffer.from(certificate);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcomeOf(changed)).not.toBe('valid');
    }
  });

  it('refuses octets after the certificate', () => {
    expect(outcomeOf(Buffer.concat([certificate, Buffer.of(0)]))).toBe('certificate-malformed');
  });

  it('refuses deep nesting without recursion', () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 10_000 && nested.length < 60_000; depth++)
      nested = sequence(nested);
    expect(outcomeOf(nested)).toBe('certificate-malformed');
  });

  it('refuses a certificate above the size limit before parsing it', () => {
    expect(outcomeOf(sequence(Buffer.alloc(70_000)))).toBe('certificate-malformed');
  });

  it('is not affected by names and extensions called like object properties', () => {
    const name = sequence(setOf(sequence(oid('2.5.4.3'), utf8String('__proto__'))));
    const odd = parseCertificate(
      sequence(
        sequence(
          context(0, integer(2)),
          integer(1),
          sequence(oid('1.2.840.10045.4.3.2')),
          name,
          sequence(
            der(0x17, Buffer.from('260101000000Z')),
            der(0x17, Buffer.from('270101000000Z')),
          ),
          name,
          sequence(sequence(oid('1.2.840.10045.2.1')), der(0x03, Buffer.of(0, 4))),
        ),
        sequence(oid('1.2.840.10045.4.3.2')),
        der(0x03, Buffer.of(0)),
      ),
    );
    expect(validatePath({ ...input, leaf: odd })).toMatchObject({
      code: 'certificate-issuer-untrusted',
    });
    expect(({} as Record<string, unknown>)['canonical']).toBeUndefined();
  });
});

describe('work is linear in the input', () => {
  it('parses a certificate with 60,000 octets of tiny RDNs, and compares its name', () => {
    const rdn = setOf(sequence(oid('2.5.4.3'), utf8String('x')));
    const name = sequence(...Array.from({ length: 5000 }, () => rdn));
    const leaf = parseCertificate(
      sequence(
        sequence(
          context(0, integer(2)),
          integer(1),
          sequence(oid('1.2.840.10045.4.3.2')),
          name,
          sequence(
            der(0x17, Buffer.from('260101000000Z')),
            der(0x17, Buffer.from('270101000000Z')),
          ),
          sequence(),
          sequence(sequence(oid('1.2.840.10045.2.1')), der(0x03, Buffer.of(0, 4))),
        ),
        sequence(oid('1.2.840.10045.4.3.2')),
        der(0x03, Buffer.of(0)),
      ),
    );
    expect(leaf.issuer.relativeNames).toHaveLength(5000);
    expect(validatePath({ ...input, leaf }).valid).toBe(false);
  });
});
