import type { PathBudgets } from './path/path-input.ts';
import type { RevocationBudget } from './revocation/revocation-policy.ts';

/**
 * Every bound of the engine, with the reason for its number. docs/limits.md shows them, with what a
 * caller is told; a test compares.
 */
export const engineLimits = {
  /** A JPKI leaf takes 1.5 KB, the largest certificate of public suites less than 30 KB. */
  certificateOctets: 65_536,
  /** Far above any certificate that was seen; duplicates are searched among them. */
  extensions: 64,
  /** A certificate of a large multi-domain site names about a hundred; constraints compare each. */
  generalNames: 1024,
  /** Every name of every following certificate is compared with each. */
  subtrees: 1024,
  /** Policies of one certificate; each costs set look-ups along the path (RFC 9618 §4.2). */
  policies: 256,
  /** Far above any certificate that was seen; a point costs a name comparison for each list. */
  distributionPoints: 64,
  /** AccessDescriptions; more than any certificate names. */
  accessDescriptions: 32,
  /** A check of a signature costs the square of the modulus. */
  rsaBits: 8192,
  /**
   * A PSS salt fills what hash and padding leave of the modulus, and some signers let it (RSA-2048 with
   * SHA-256: 222 octets). Above this no modulus that is accepted has room.
   */
  saltOctets: 1024,
  /**
   * Verifications that phrase the cure of a signature that does not hold: every hash, every form of the
   * challenge that clients were seen to sign. 24 of P-384 take some 10 ms, of RSA far fewer are needed.
   */
  diagnosisVerifications: 24,
  /** A list in memory: about 1.7 million entries. Longer ones are scanned as a stream. */
  crlOctets: 64 * 1024 * 1024,
  /** Names and extensions before and behind the entries, as the stream bounds them. */
  crlOctetsBesideEntries: 128 * 1024,
  /** RFC 5280 §5.2.3. */
  crlNumberOctets: 20,
  /** What DER's four length octets say, and five times the largest list expected. */
  streamedCrlOctets: 4 * 1024 ** 3,
  /** The fields before the entries hold a few names. */
  streamedHeaderOctets: 64 * 1024,
  /** Extensions and signature behind the entries. */
  streamedTrailerOctets: 64 * 1024,
  /** An entry of JPKI takes 37 octets; this leaves room for any entry extension. */
  streamedEntryOctets: 4 * 1024,
  /** Certificates of one name that are tried as a list's signer: three generations and their rollovers fit. */
  crlSigners: 8,
  /** A list's signer may be listed by another indirect list, and so on; PKITS needs two levels. */
  crlSignerDepth: 4,
  /** Signers whose path and status are asked for on the way to one answer; lists of lists multiply. */
  crlSignersAsked: 32,
  /** A response for one certificate takes 2 KiB, with two embedded certificates 6; more answers something else. */
  ocspOctets: 64 * 1024,
  /** Single responses of one response; one is asked for. */
  ocspSingleResponses: 128,
  /** Certificates that a response embeds; a responder and its chain are two or three. */
  ocspCertificates: 8,
} as const;

/**
 * JPKI's own path holds no intermediate, PKITS goes to six, public suites of path building to about
 * ten, 513 names under 1,027 constraints to half a million comparisons. 200 RSA checks take some 5 ms,
 * 10,000 steps among 200 certificates 100 ms, a million comparisons 70 to 300 ms. Every authority that web
 * browsers know is some 2,000 certificates of 3 MB.
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
 * An API gateway answers within 29 s, a person at a counter waits for about five. One responder may
 * take half of that; a warm read of two list items takes some 10 ms, a cold one up to a second.
 */
export const defaultRevocationBudget: RevocationBudget = {
  totalMs: 5000,
  listsMs: 1000,
  responderMs: 2500,
};
