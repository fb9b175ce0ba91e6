import type { PkiErrorCode } from '../pki-error.ts';

/** ETSI EN 319 102-1 §5.1.3, main status indications. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE';

/** The sub-indications of ETSI EN 319 102-1 table 6 that this engine uses. */
export type SubIndication =
  | 'FORMAT_FAILURE'
  | 'SIG_CRYPTO_FAILURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'CERTIFICATE_CHAIN_GENERAL_FAILURE'
  | 'CHAIN_CONSTRAINTS_FAILURE'
  | 'CRYPTO_CONSTRAINTS_FAILURE'
  | 'TRY_LATER';

export interface EtsiStatus {
  readonly indication: Indication;
  readonly subIndication: SubIndication | undefined;
}

/**
 * Code → status. The card signs a challenge that is minutes old, so the time of signing is known.
 * Therefore revoked, expired and not-yet-valid are TOTAL-FAILED, and not the `…_NO_POE` sub-indications
 * for archived documents. docs/divergences.md has the same table.
 */
const failures: Partial<Record<PkiErrorCode, EtsiStatus>> = {
  'certificate-malformed': failed('FORMAT_FAILURE'),
  'challenge-signature-invalid': failed('SIG_CRYPTO_FAILURE'),
  'certificate-revoked': failed('REVOKED'),
  'certificate-expired': failed('EXPIRED'),
  'certificate-not-yet-valid': failed('NOT_YET_VALID'),
  'certificate-issuer-untrusted': undecided('NO_CERTIFICATE_CHAIN_FOUND'),
  'certificate-signature-invalid': undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE'),
  'certificate-path-invalid': undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE'),
  'certificate-path-too-complex': undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE'),
  'certificate-policy-unacceptable': undecided('CHAIN_CONSTRAINTS_FAILURE'),
  'certificate-kind-wrong': undecided('CHAIN_CONSTRAINTS_FAILURE'),
  'certificate-algorithm-unacceptable': undecided('CRYPTO_CONSTRAINTS_FAILURE'),
  'certificate-key-weak': undecided('CRYPTO_CONSTRAINTS_FAILURE'),
  'revocation-unknown': undecided('TRY_LATER'),
};

/** The ETSI status of an error code; undefined means that every check passed. */
export function etsiStatusOf(code: PkiErrorCode | undefined): EtsiStatus {
  if (code === undefined) return { indication: 'TOTAL-PASSED', subIndication: undefined };
  return failures[code] ?? undecided('CERTIFICATE_CHAIN_GENERAL_FAILURE');
}

function failed(subIndication: SubIndication): EtsiStatus {
  return { indication: 'TOTAL-FAILED', subIndication };
}

function undecided(subIndication: SubIndication): EtsiStatus {
  return { indication: 'INDETERMINATE', subIndication };
}
