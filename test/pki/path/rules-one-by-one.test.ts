import { describe, expect, it } from '@jest/globals';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { buildName, extension } from '../../../sandbox/pki/build-certificate.ts';
import { contextPrimitive, sequence } from '../../../sandbox/pki/der-writer.ts';
import { generateSigner, spkiOf } from '../../../sandbox/pki/signing.ts';
import { algorithms, makeRevocationPki, now } from '../../vectors/revocation-pki.ts';

/* Rules whose loss another rule hides, or that only a path of a certain shape shows. */

const { authority, issue, caExtensions, name } = makeRevocationPki();

const validate = (leaf: Uint8Array, ...intermediates: readonly Uint8Array[]) =>
  validatePath({
    leaf: parseCertificate(leaf),
    intermediates: intermediates.map((der) => parseCertificate(der)),
    anchors: [{ certificate: parseCertificate(authority.der) }],
    time: now.getTime(),
    algorithms,
  });

describe('a leaf whose key nothing uses', () => {
  const withPoint = (change: (octets: Buffer) => void) => {
    const spki = Buffer.from(spkiOf(generateSigner('P-256')));
    change(spki);
    return validate(issue(authority, name('Person'), { spki }).der);
  };

  it('is valid with a point of its curve', () => {
    expect(withPoint(() => undefined)).toMatchObject({ valid: true });
  });

  it('is refused with a point beside its curve', () => {
    expect(withPoint((spki) => (spki[spki.length - 1]! ^= 1))).toMatchObject({
      valid: false,
      code: 'certificate-algorithm-unacceptable',
      check: 'subject-key',
    });
  });
});

describe('an authority without a name', () => {
  it('is not named by alternative names, as a leaf is', () => {
    const nobody = buildName();
    const alternative = extension(
      '2.5.29.17',
      sequence(contextPrimitive(2, Buffer.from('authority.test', 'latin1'))),
      true,
    );
    const unnamed = issue(authority, nobody, { extensions: [...caExtensions, alternative] });
    const leaf = issue(unnamed, name('Person'));
    expect(validate(leaf.der, unnamed.der)).toMatchObject({
      valid: false,
      check: 'names-present',
      certificateIndex: 1,
    });
    expect(validate(issue(authority, nobody, { extensions: [alternative] }).der)).toMatchObject({
      valid: true,
    });
  });
});

describe('requireExplicitPolicy of 2', () => {
  const constraint = extension('2.5.29.36', sequence(contextPrimitive(0, Uint8Array.of(2))), true);
  const first = issue(authority, name('Constrained'), {
    extensions: [...caExtensions, constraint],
  });

  it('does not count a self-issued authority below', () => {
    const rollover = issue(first, first.name, { extensions: caExtensions });
    const leaf = issue(rollover, name('Person'));
    expect(validate(leaf.der, first.der, rollover.der)).toMatchObject({ valid: true });
  });

  it('counts another authority below', () => {
    const other = issue(first, name('Another'), { extensions: caExtensions });
    const leaf = issue(other, name('Person'));
    expect(validate(leaf.der, first.der, other.der)).toMatchObject({
      valid: false,
      code: 'certificate-policy-unacceptable',
    });
  });
});
