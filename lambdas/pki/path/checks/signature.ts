import type { PathCheck } from '../path-check.ts';

/** "The signature on the certificate can be verified using working_public_key_algorithm, the working_public_key and its parameters." */
export const signature: PathCheck = {
  id: 'signature',
  clause: 'RFC 5280 §6.1.3 (a) (1)',
  scope: 'path',
  check({ certificate, state }) {
    const outcome = state.signatures.verify(certificate, state.workingKey);
    return outcome === 'ok' ? undefined : outcome;
  },
};
