import type { PathBudgets } from './path/path-input.ts';
import type { RevocationBudget } from './revocation/revocation-policy.ts';

/**
 * Every limit of the engine, with the reason for its value. docs/limits.md lists them with their effect for
 * callers; a test compares both.
 */
export const engineLimits = {
  /** A JPKI leaf takes 1.5 KB, the largest certificate of public suites less than 30 KB. */
  certificateOctets: 65_536,
  /** Far above any known certificate; each is compared with the others to find duplicates. */
  extensions: 64,
  /** A certificate of a large multi-domain site has about a hundred; name constraints compare each. */
  generalNames: 1024,
  /** Every name of every following certificate is compared with each. */
  subtrees: 1024,
  /** Policies of one certificate; each costs set look-ups along the path (RFC 9618 §4.2). */
  policies: 256,
  /** Far above any known certificate; each costs a name comparison for each CRL. */
  distributionPoints: 64,
  /** AccessDescriptions; more than in any known certificate. */
  accessDescriptions: 32,
  /** The cost of a verification grows with the square of the modulus length. */
  rsaBits: 8192,
  /**
   * Some signers use the longest salt that fits the modulus (RSA-2048 with SHA-256: 222 octets). No accepted
   * modulus has room for more than this.
   */
  saltOctets: 1024,
  /**
   * Verifications to find the cause of an invalid signature: every hash and every encoding of the challenge
   * that clients have signed. 24 with P-384 take about 10 ms; RSA needs far fewer.
   */
  diagnosisVerifications: 24,
  /** A CRL in memory: about 1.7 million entries. Longer CRLs are scanned as a stream. */
  crlOctets: 64 * 1024 * 1024,
  /** Fields before and after the entries; the sum of the two limits for streams. */
  crlOctetsWithoutEntries: 128 * 1024,
  /**
   * Valid paths kept for certificates that are validated again within minutes, about 200 octets each; up to
   * twice as many. A login, a registration and an attribute query of one person follow each other.
   */
  recentPaths: 512,
  /** RFC 5280 §5.2.3. */
  crlNumberOctets: 20,
  /** Maximum of four length octets in DER, and five times the largest expected CRL. */
  streamedCrlOctets: 4 * 1024 ** 3,
  /** The fields before the entries contain only a few names. */
  streamedHeaderOctets: 64 * 1024,
  /** Extensions and signature after the entries. */
  streamedTrailerOctets: 64 * 1024,
  /** A JPKI entry takes 37 octets; the limit leaves room for any entry extension. */
  streamedEntryOctets: 4 * 1024,
  /**
   * Certificates with the CRL issuer's name that are tried as signers: enough for three generations with
   * rollovers.
   */
  crlSigners: 8,
  /** Chain of indirect CRLs, each covering the issuer of the previous one; PKITS needs two levels. */
  crlSignerDepth: 4,
  /** CRL issuers that are validated for one status; their number can grow exponentially. */
  crlSignersAsked: 32,
  /** A response for one certificate takes 2 KiB, or 6 KiB with two embedded certificates. */
  ocspOctets: 64 * 1024,
  /** SingleResponses in one response; requests contain one CertID. */
  ocspSingleResponses: 128,
  /** Certificates embedded in a response; a responder and its chain are two or three. */
  ocspCertificates: 8,
} as const;

/**
 * JPKI paths have no intermediate certificate, PKITS has up to six, public suites for path building about
 * ten. 513 names under 1,027 constraints need half a million comparisons. 200 RSA verifications take about
 * 5 ms, 10,000 steps among 200 certificates 100 ms, a million comparisons 70 to 300 ms. All CAs of web
 * browsers are about 2,000 certificates with 3 MB.
 */
export const defaultBudgets: PathBudgets = {
  intermediates: 16,
  candidatePaths: 200,
  steps: 10_000,
  comparisons: 1_000_000,
  signatureChecks: 200,
  certificates: 200,
  inputBytes: 4_194_304,
};

/**
 * An API gateway times out at 29 s, and a person at a counter waits for about five. One responder may take
 * half of that. A read of two items of stored CRLs takes about 10 ms when warm, up to a second when cold.
 */
export const defaultRevocationBudget: RevocationBudget = {
  totalMs: 5000,
  listsMs: 1000,
  responderMs: 2500,
};
