import { describe, expect, it } from '@jest/globals';
import { matchSubtree } from '../../../lambdas/pki/path/name-subtree.ts';
import type { PathInput } from '../../../lambdas/pki/path/path-input.ts';
import { SignatureMemory } from '../../../lambdas/pki/path/signature-memory.ts';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { walkPath } from '../../../lambdas/pki/path/walk-path.ts';
import { WorkLeft } from '../../../lambdas/pki/path/work-left.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  buildName,
  certificateExtensions as ext,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import {
  context,
  contextPrimitive,
  der,
  integer,
  oid,
  sequence,
} from '../../../sandbox/pki/der-writer.ts';
import { generateSigner, spkiOf } from '../../../sandbox/pki/signing.ts';
import { algorithms, makeRevocationPki, now } from '../../vectors/revocation-pki.ts';

/* Rules that the vectors do not isolate: without the rule, another one refuses the same certificates. */

const { authority, stranger, issue, selfSigned, caExtensions, name } = makeRevocationPki();

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

const rootWith = (...extensions: readonly Buffer[]) => selfSigned(name('Root'), [...extensions]);

const bySigner = (usage: 'keyCertSign' | 'cRLSign') => {
  const root = rootWith(ext.basicConstraints(true), ext.keyUsage(usage));
  const leaf = issue(root, name('Person'));
  const anchors = [{ certificate: parseCertificate(root.der) }];
  return validatePath({ ...inputFor(leaf.der), anchors });
};

const under = (
  root: ReturnType<typeof rootWith>,
  leafExtensions: readonly Uint8Array[],
  caExtra: readonly Uint8Array[],
) => {
  const ca = issue(root, name('Below'), { extensions: [...caExtensions, ...caExtra] });
  const leaf = issue(ca, name('Person'), { extensions: leafExtensions });
  return validatePath({
    ...inputFor(leaf.der, ca.der),
    anchors: [{ certificate: parseCertificate(root.der) }],
    initialExplicitPolicy: true,
  });
};

describe('a trust anchor given as a certificate', () => {
  const [loginPolicy, otherPolicy] = ['1.2.3.1', '1.2.3.2'];
  it('must allow keyCertSign if it has keyUsage', () => {
    expect(bySigner('keyCertSign')).toMatchObject({ valid: true });
    expect(bySigner('cRLSign')).toMatchObject({ valid: false, check: 'trust-anchor' });
  });

  it('may inhibit anyPolicy (RFC 5937 §3.2)', () => {
    const anyPolicy = [ext.certificatePolicies('2.5.29.32.0')];
    const login = [ext.certificatePolicies(loginPolicy)];
    const inhibitAny = extension('2.5.29.54', integer(0), true);
    expect(under(rootWith(...caExtensions), login, anyPolicy)).toMatchObject({ valid: true });
    expect(under(rootWith(...caExtensions, inhibitAny), login, anyPolicy)).toMatchObject({
      code: 'certificate-policy-unacceptable',
    });
  });

  it('may inhibit policy mapping (RFC 5937 §3.2)', () => {
    const mapping = [
      ext.certificatePolicies(loginPolicy),
      extension('2.5.29.33', sequence(sequence(oid(loginPolicy), oid(otherPolicy))), true),
    ];
    const mapped = [ext.certificatePolicies(otherPolicy)];
    const inhibitMapping = extension(
      '2.5.29.36',
      sequence(contextPrimitive(1, Uint8Array.of(0))),
      true,
    );
    expect(under(rootWith(...caExtensions), mapped, mapping)).toMatchObject({ valid: true });
    expect(under(rootWith(...caExtensions, inhibitMapping), mapped, mapping)).toMatchObject({
      code: 'certificate-policy-unacceptable',
    });
  });
});

describe('the search for a path', () => {
  it('does not go round two CAs that certify each other', () => {
    const [a, b] = [selfSigned(name('A')), selfSigned(name('B'))];
    const forged = issue({ name: authority.name, signer: stranger.signer }, a.name, {
      key: a.signer,
      extensions: caExtensions,
    });
    const aByB = issue(b, a.name, { key: a.signer, extensions: caExtensions });
    const bByA = issue(a, b.name, { key: b.signer, extensions: caExtensions });
    const leaf = issue(a, name('Person'));
    expect(validate(leaf.der, forged.der, aByB.der, bByA.der)).toMatchObject({
      code: 'certificate-signature-invalid',
    });
  });

  it('ends after the budget of complete paths', () => {
    const key = generateSigner('P-256');
    const noSigner = [ext.basicConstraints(true), ext.keyUsage('cRLSign')];
    const twins = [1, 2].map((serial) =>
      issue(authority, name('Twin'), { key, serial, extensions: noSigner }),
    );
    const leaf = issue(twins[0]!, name('Person'));
    const input = inputFor(leaf.der, ...twins.map(({ der: one }) => one));
    expect(validatePath(input)).toMatchObject({ code: 'certificate-path-invalid' });
    expect(validatePath({ ...input, budgets: { candidatePaths: 1 } })).toMatchObject({
      code: 'certificate-path-too-complex',
    });
  });
});

const ip = (...octets: readonly number[]) =>
  ({ form: 'iPAddress', octets: Uint8Array.from(octets) }) as const;

const mail = (text: string) => ({ form: 'rfc822Name', text }) as const;

const uri = (text: string) => ({ form: 'uniformResourceIdentifier', text }) as const;

describe('a name under a constraint of another form or width', () => {
  const v6Range = ip(...Array(16).fill(0).with(0, 0x20), ...Array(16).fill(0).with(0, 0xff));

  it('is outside a range of the other version of IP', () => {
    const v4 = ip(0x20, 0, 0, 1);
    expect(matchSubtree(v4, v6Range, 'excluded')).toBe('outside');
    const v6 = ip(...Array(16).fill(0).with(0, 0x20));
    const v4Range = ip(0x20, 0, 0, 0, 0xff, 0, 0, 0);
    expect(matchSubtree(v6, v4Range, 'excluded')).toBe('outside');
  });

  it('cannot be compared if its local part has more than 64 octets (RFC 5321 §4.5.3.1.1)', () => {
    const host = mail('example.jp');
    const local = 'a'.repeat(64);
    expect(matchSubtree(mail(`${local}@example.jp`), host, 'permitted')).toBe('within');
    expect(matchSubtree(mail(`${local}a@example.jp`), host, 'permitted')).toBe('unsure');
  });

  it('cannot be compared if the host of a URI is not fully qualified (§4.2.1.10)', () => {
    const host = uri('other.example');
    expect(matchSubtree(uri('https://a.example/'), host, 'excluded')).toBe('outside');
    expect(matchSubtree(uri('https://localhost/'), host, 'excluded')).toBe('unsure');
  });
});
