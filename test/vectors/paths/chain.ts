import type { ErrorCode } from '../../../lambdas/errors.ts';
import type { PathInput } from '../../../lambdas/pki/path/validate-path.ts';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  buildCertificate,
  buildName,
  certificateExtensions as make,
} from '../../../sandbox/pki/build-certificate.ts';
import {
  type KeyType,
  type Signer,
  type SignatureScheme,
  spkiOf,
} from '../../../sandbox/pki/signing.ts';

import { fixedSigner } from '../fixed-signing.ts';

/** A case for one rule of RFC 5280 or a related document: input and expected result. */
export interface PathVector {
  /** Unique; the part before the last slash identifies the rule. */
  readonly id: string;
  readonly clause: string;
  readonly expected: 'valid' | ErrorCode;
  /** The check that must fail; undefined if path building fails before the checks. */
  readonly check?: string;
  /** user-constrained-policy-set of a valid path. */
  readonly policies?: readonly string[];
  /** Difference from the valid chain; a refused case differs in exactly one respect. */
  readonly differs: Differences;
}

/** The chain root → authority → leaf, with the changes of a vector. */
export interface Differences {
  readonly root?: CertificatePlan;
  readonly authority?: CertificatePlan;
  readonly leaf?: CertificatePlan;
  /** Further certificates for path building, each with its own issuer. */
  readonly others?: readonly OtherPlan[];
  /** Certificates between authority and leaf, from the authority down. */
  readonly between?: readonly CertificatePlan[];
  /** The authority's certificate is not given. */
  readonly withoutAuthority?: boolean;
  readonly input?: Partial<Omit<PathInput, 'leaf' | 'anchors' | 'intermediates'>>;
}

export interface CertificatePlan {
  readonly subject?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly serial?: number | Uint8Array;
  readonly version?: 1 | 2 | 3;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Label of the subject's key; equal labels mean equal keys. */
  readonly key?: string;
  readonly keyType?: KeyType;
  /** SubjectPublicKeyInfo instead of the key's own. */
  readonly spki?: Uint8Array;
  /** Label of the signing key, and its scheme, if they differ from the issuer's. */
  readonly signedBy?: string;
  readonly scheme?: SignatureScheme;
  readonly tbsAlgorithm?: Uint8Array;
  /** By name: replaced or added (DER of the Extension), or removed if undefined. */
  readonly extensions?: Readonly<Record<string, Uint8Array | undefined>>;
  /** Changes the finished certificate in a way that a template cannot express. */
  readonly rewrite?: (der: Buffer) => Uint8Array;
}

export interface OtherPlan extends CertificatePlan {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly key: string;
  readonly signedBy: string;
  /** Given as a trust anchor, not as an intermediate. */
  readonly isAnchor?: boolean;
}

export const at = (text: string): number => Date.parse(text);
/** Time of every vector that states no other. */
export const vectorTime = at('2026-04-01T00:00:00Z');

export const names = {
  root: buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Root']),
  authority: buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Authority']),
  leaf: buildName(['C', 'JP'], ['CN', 'Leaf']),
};

export const modern: AlgorithmPolicy = {
  minimumRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519'],
  hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
};

const signers = new Map<string, Signer>();

/** The deterministic key of a label, which may end with the key type (`weak:rsa-1024`). */
export function signer(label: string): Signer {
  const known = signers.get(label);
  if (known !== undefined) return known;
  const fresh = fixedSigner((label.split(':')[1] ?? 'P-256') as KeyType, label);
  signers.set(label, fresh);
  return fresh;
}

export const spkiFor = (label: string): Buffer => spkiOf(signer(label));

/** Converts a vector to the input of `validatePath`. */
export function inputOf(vector: Pick<PathVector, 'differs'>): PathInput {
  const { root = {}, authority = {}, leaf = {}, between = [], others = [] } = vector.differs;
  const rootKey = root.key ?? 'root';
  const rootDer = issue(
    { subject: names.root, key: rootKey, extensions: authorityExtensions(rootKey) },
    { name: root.subject ?? names.root, key: rootKey },
    root,
  );
  let issuer = { name: root.subject ?? names.root, key: rootKey };
  const chain: Buffer[] = [];
  for (const [index, plan] of [authority, ...between].entries()) {
    const key = plan.key ?? `authority${index}`;
    const subject = plan.subject ?? (index === 0 ? names.authority : betweenName(index));
    chain.push(
      issue({ subject, key, extensions: authorityExtensions(key, issuer.key) }, issuer, plan),
    );
    issuer = { name: subject, key };
  }
  const leafKey = leaf.key ?? 'leaf';
  const leafDer = issue(
    { subject: names.leaf, key: leafKey, extensions: leafExtensions(issuer.key) },
    issuer,
    leaf,
  );
  const extra = others.map((plan) => ({
    anchor: plan.isAnchor === true,
    der: issue(
      {
        subject: plan.subject,
        key: plan.key,
        extensions: authorityExtensions(plan.key, plan.signedBy),
      },
      { name: plan.issuer, key: plan.signedBy },
      plan,
    ),
  }));
  const offered = vector.differs.withoutAuthority ? chain.slice(1) : chain;
  return {
    leaf: parseCertificate(leafDer),
    intermediates: parsed([
      ...offered,
      ...extra.filter((one) => !one.anchor).map(({ der }) => der),
    ]),
    anchors: parsed([rootDer, ...extra.filter((one) => one.anchor).map(({ der }) => der)]).map(
      (certificate) => ({ certificate }),
    ),
    time: vectorTime,
    algorithms: modern,
    ...vector.differs.input,
  };
}

const parsed = (ders: readonly Buffer[]) => ders.map((der) => parseCertificate(der));

const betweenName = (index: number): Buffer =>
  buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', `Between ${index}`]);

type Extensions = Readonly<Record<string, Uint8Array | undefined>>;

/** Removes an authority's extensions, so that its certificate can be of version 1. */
export const withoutAny: Extensions = {
  basicConstraints: undefined,
  keyUsage: undefined,
  subjectKeyIdentifier: undefined,
  authorityKeyIdentifier: undefined,
};

const authorityExtensions = (key: string, issuerKey = key): Extensions => ({
  basicConstraints: make.basicConstraints(true),
  keyUsage: make.keyUsage('keyCertSign', 'cRLSign'),
  subjectKeyIdentifier: make.subjectKeyIdentifier(spkiFor(key)),
  authorityKeyIdentifier: make.authorityKeyIdentifier(spkiFor(issuerKey)),
});

const leafExtensions = (issuerKey: string): Extensions => ({
  keyUsage: make.keyUsage('digitalSignature'),
  authorityKeyIdentifier: make.authorityKeyIdentifier(spkiFor(issuerKey)),
});

function issue(
  template: { readonly subject: Uint8Array; readonly key: string; readonly extensions: Extensions },
  issuer: { readonly name: Uint8Array; readonly key: string },
  plan: CertificatePlan,
): Buffer {
  const key = plan.key ?? template.key;
  const by = signer(plan.signedBy ?? issuer.key);
  const version = plan.version ?? 3;
  const extensions = Object.values({ ...template.extensions, ...plan.extensions }).filter(
    (extension) => extension !== undefined,
  );
  const der = buildCertificate(
    {
      version,
      serial: plan.serial ?? 4711,
      subject: plan.subject ?? template.subject,
      issuer: plan.issuer ?? issuer.name,
      notBefore: new Date(plan.notBefore ?? '2025-01-01T00:00:00Z'),
      notAfter: new Date(plan.notAfter ?? '2030-01-01T00:00:00Z'),
      spki: plan.spki ?? spkiFor(key),
      extensions,
      ...(plan.tbsAlgorithm && { tbsAlgorithm: plan.tbsAlgorithm }),
    },
    plan.scheme === undefined ? by : { ...by, scheme: plan.scheme },
  );
  return Buffer.from(plan.rewrite?.(der) ?? der);
}
