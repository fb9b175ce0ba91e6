import { readFileSync } from 'node:fs';
import type { AlgorithmPolicy } from '../../lambdas/pki/algorithm-policy.ts';
import type { PathInput } from '../../lambdas/pki/path/validate-path.ts';

/*
 * Types of the vectors in data/*.json, equivalent to data/schema.json. Certificates, CRLs and responses are
 * DER in base64, times RFC 3339.
 */

interface Case {
  /** Unique in its file. */
  readonly id: string;
  /** The input and the expected result in one sentence. */
  readonly sentence: string;
  /** The clause that states the rule. */
  readonly clause: string;
}

/** A certification path, RFC 5280 §6.1. */
export interface PathCase extends Case {
  readonly leaf: string;
  readonly intermediates: readonly string[];
  readonly anchors: readonly string[];
  /** Inputs of RFC 5280 §6.1.1 and of this engine that differ from the defaults. */
  readonly input?: Partial<
    Pick<
      PathInput,
      | 'requiredEku'
      | 'userInitialPolicySet'
      | 'initialExplicitPolicy'
      | 'initialPolicyMappingInhibit'
      | 'initialAnyPolicyInhibit'
      | 'issuanceRules'
      | 'budgets'
      | 'algorithms'
    >
  > & { readonly time?: string };
  readonly expected:
    | { readonly verdict: 'valid'; readonly policies?: readonly string[] }
    | { readonly verdict: 'invalid'; readonly code: string; readonly check?: string };
}

/** Expected status of one certificate by CRLs or by an OCSP response. */
export interface StatusExpected {
  /** `refused`: a list does not parse. */
  readonly status: 'good' | 'revoked' | 'unknown' | 'refused';
  readonly why?: string;
}

/** Lists, RFC 5280 §5 and §6.3. */
export interface ListCase extends Case {
  readonly certificate: string;
  readonly issuer: string;
  readonly lists: readonly string[];
  /** Further certificates, candidates for CRL issuers. */
  readonly certificates: readonly string[];
  /** Also checked against the requirements of RFC 5280 §5 on CRL issuers. */
  readonly issuanceRules?: true;
  readonly expected: StatusExpected;
}

/** One OCSP response, RFC 6960 and 9654. */
export interface OcspCase extends Case {
  readonly certificate: string;
  readonly issuer: string;
  readonly response: string;
  readonly knownResponders: readonly string[];
  /** Hex; the nonce of the request, if it carried one. */
  readonly nonce?: string;
  readonly acceptMissingNonce?: true;
  readonly acceptUncheckedResponder?: true;
  /** Status of a delegated responder without ocsp-nocheck by CRL. */
  readonly responderStatus: 'good' | 'revoked' | 'unknown';
  readonly expected: StatusExpected;
}

interface Defaults {
  /** Time of every case that states no other. */
  readonly time: string;
  readonly algorithms: AlgorithmPolicy;
}

export interface PathFile {
  readonly $schema: string;
  readonly kind: 'paths';
  readonly defaults: Defaults;
  readonly cases: readonly PathCase[];
}

export interface RevocationFile<Kind extends 'lists' | 'ocsp', One> {
  readonly $schema: string;
  readonly kind: Kind;
  readonly defaults: Defaults & { readonly clockSkewMs: number; readonly maximumAgeMs: number };
  readonly cases: readonly One[];
}

export interface Vectors {
  readonly paths: PathFile;
  readonly lists: RevocationFile<'lists', ListCase>;
  readonly ocsp: RevocationFile<'ocsp', OcspCase>;
}

export const vectorKinds = ['paths', 'lists', 'ocsp'] as const;

export const fileOf = (kind: keyof Vectors): URL => new URL(`data/${kind}.json`, import.meta.url);

/** One file of vectors. */
export const readVectors = <Kind extends keyof Vectors>(kind: Kind): Vectors[Kind] =>
  JSON.parse(readFileSync(fileOf(kind), 'utf8')) as Vectors[Kind];
