import { describe, expect, it } from '@jest/globals';
import type { PathInput } from '../../../lambdas/pki/path/path-input.ts';
import { SignatureMemory } from '../../../lambdas/pki/path/signature-memory.ts';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { walkPath } from '../../../lambdas/pki/path/walk-path.ts';
import { WorkLeft } from '../../../lambdas/pki/path/work-left.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { buildName, extension } from '../../../sandbox/pki/build-certificate.ts';
import { context, contextPrimitive, der, sequence } from '../../../sandbox/pki/der-writer.ts';
import { generateSigner, spkiOf } from '../../../sandbox/pki/signing.ts';
import { algorithms, makeRevocationPki, now } from '../../vectors/revocation-pki.ts';

/* Rules that the vectors do not isolate: without the rule, another one refuses the same certificates. */

const { authority, issue, caExtensions, name } = makeRevocationPki();

const inputFor = (leaf: Uint8Array, ...intermediates: readonly Uint8Array[]): PathInput => ({
  leaf: parseCertificate(leaf),
  intermediates: intermediates.map((der) => parseCertificate(der)),
  anchors: [{ certificate: parseCertificate(authority.der) }],
  time: now.getTime(),
  algorithms,
});
const validate = (leaf: Uint8Array, ...intermediates: readonly Uint8Array[]) =>
  validatePath(inputFor(leaf, ...intermediates));

function withPoint(change: (octets: Buffer) => void) {
  const spki = Buffer.from(spkiOf(generateSigner('P-256')));
  change(spki);
  return validate(issue(authority, name('Person'), { spki }).der);
}

describe('the key of a leaf', () => {
  it('is accepted if its point is on the curve', () => {
    expect(withPoint(() => undefined)).toMatchObject({ valid: true });
  });

  it('is refused if its point is not on the curve', () => {
    expect(withPoint((spki) => (spki[spki.length - 1]! ^= 1))).toMatchObject({
      valid: false,
      code: 'certificate-algorithm-unacceptable',
      check: 'subject-key',
    });
  });
});

describe('the curve of a leaf’s key', () => {
  const leaf = issue(authority, name('Person'), { key: generateSigner('P-384') });
  const validateUnder = (curves: typeof algorithms.curves | readonly ['P-256']) =>
    validatePath({ ...inputFor(leaf.der), algorithms: { ...algorithms, curves } });

  it('is accepted if the policy names it', () => {
    expect(validateUnder(algorithms.curves)).toMatchObject({ valid: true });
  });

  it('is refused if the policy does not name it, also with the point on the curve', () => {
    expect(validateUnder(['P-256'])).toMatchObject({
      valid: false,
      code: 'certificate-algorithm-unacceptable',
      check: 'subject-key',
    });
  });
});

/** A leaf with a unique identifier of its issuer, between key and extensions (RFC 5280 §4.1). */
const identified = (version: 1 | 2) => {
  const identifier = contextPrimitive(1, Buffer.of(0, 0xab));
  const spki = Buffer.concat([spkiOf(generateSigner('P-256')), identifier]);
  return validate(issue(authority, name('Person'), { version, spki }).der);
};

describe('a unique identifier', () => {
  it('may stand in a certificate of version 2', () => {
    expect(identified(2)).toMatchObject({ valid: true });
  });

  it('may not stand in one of version 1', () => {
    expect(identified(1)).toMatchObject({
      valid: false,
      code: 'certificate-malformed',
      check: 'version',
    });
  });
});

/** The path of one leaf that the authority’s key signed under this issuer name. */
const walkUnder = (issuerName: Uint8Array) => {
  const by = { signer: authority.signer, name: Buffer.from(issuerName) };
  const leaf = parseCertificate(issue(by, name('Person')).der);
  const input = inputFor(leaf.der);
  const signatures = new SignatureMemory(algorithms, 10);
  return walkPath([leaf], input.anchors[0]!, input, signatures, new WorkLeft(1_000));
};

describe('a path in which the issuer name is not that of the certificate above', () => {
  it('is refused although the key above verifies the signature', () => {
    expect(walkUnder(authority.name)).toMatchObject({ valid: true });
    expect(walkUnder(name('Somebody else'))).toMatchObject({
      valid: false,
      failure: { code: 'certificate-path-invalid', check: 'name-chaining' },
    });
  });
});

describe('a CA certificate with an empty subject', () => {
  it('is refused also with subject alternative names, unlike a leaf', () => {
    const emptyName = buildName();
    const alternative = extension(
      '2.5.29.17',
      sequence(contextPrimitive(2, Buffer.from('authority.test', 'latin1'))),
      true,
    );
    const unnamed = issue(authority, emptyName, { extensions: [...caExtensions, alternative] });
    const leaf = issue(unnamed, name('Person'));
    expect(validate(leaf.der, unnamed.der)).toMatchObject({
      valid: false,
      check: 'names-present',
      certificateIndex: 1,
    });
    expect(validate(issue(authority, emptyName, { extensions: [alternative] }).der)).toMatchObject({
      valid: true,
    });
  });
});

describe('requireExplicitPolicy of 2', () => {
  const constraint = extension('2.5.29.36', sequence(contextPrimitive(0, Uint8Array.of(2))), true);
  const first = issue(authority, name('Constrained'), {
    extensions: [...caExtensions, constraint],
  });

  it('does not count a self-issued CA certificate below', () => {
    const rollover = issue(first, first.name, { extensions: caExtensions });
    const leaf = issue(rollover, name('Person'));
    expect(validate(leaf.der, first.der, rollover.der)).toMatchObject({ valid: true });
  });

  it('counts another CA certificate below', () => {
    const other = issue(first, name('Another'), { extensions: caExtensions });
    const leaf = issue(other, name('Person'));
    expect(validate(leaf.der, first.der, other.der)).toMatchObject({
      valid: false,
      code: 'certificate-policy-unacceptable',
    });
  });
});

/** A dNSName with which a leaf may have an empty subject. */
const alternativeName = extension(
  '2.5.29.17',
  sequence(contextPrimitive(2, Buffer.from('person.test', 'latin1'))),
  true,
);

describe('a permitted subtree of directory names', () => {
  const base = sequence(der(0xa4, name('Constrained')));
  const first = issue(authority, name('Constrained'), {
    extensions: [...caExtensions, extension('2.5.29.30', sequence(context(0, base)), true)],
  });

  it('does not concern an empty subject', () => {
    const leaf = issue(first, buildName(), { extensions: [alternativeName] });
    expect(validate(leaf.der, first.der)).toMatchObject({ valid: true });
  });

  it('refuses a subject outside', () => {
    const leaf = issue(first, name('Person'), { extensions: [alternativeName] });
    expect(validate(leaf.der, first.der)).toMatchObject({ check: 'name-constraints' });
  });
});
