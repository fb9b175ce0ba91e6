import { jest } from '@jest/globals';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../sandbox/pki/build-ocsp.ts';
import { hours, makeRevocationPki, type Party, seconds } from '../vectors/revocation-pki.ts';

export const pki = makeRevocationPki();
const { authority, leaf } = pki;
export const person = leaf();
export const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${base64(der)}\n-----END ${label}-----\n`;

/** Of the authority, with or without the person on it. */
export const list = (revoked: boolean, signer = authority.signer): Buffer =>
  buildCrl(
    {
      issuer: authority.name,
      thisUpdate: hours(-1),
      nextUpdate: hours(24),
      ...(revoked && { entries: [{ serial: 4242, revokedAt: hours(-3), reason: 4 }] }),
      extensions: [crlExtensions.crlNumber(7)],
    },
    signer,
  );

/** About one serial of the authority, by itself or by a delegate that it embeds. */
export const response = (
  status: 'good' | 'unknown' | { readonly revokedAt: Date },
  about = 4242,
  delegate?: Party,
): Buffer =>
  buildOcspResponse(
    {
      responder: { byKey: (delegate ?? authority).spki },
      producedAt: seconds(-5),
      responses: [
        {
          certId: buildCertId({
            issuerName: authority.name,
            issuerSpki: authority.spki,
            serial: about,
          }),
          status,
          thisUpdate: seconds(-5),
        },
      ],
      ...(delegate && { certificates: [delegate.der] }),
    },
    (delegate ?? authority).signer,
  );

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process; what it prints is caught. */
export async function outcomeOf(run: () => Promise<number>): Promise<Outcome> {
  const printed: string[] = [];
  const complained: string[] = [];
  const log = jest
    .spyOn(console, 'log')
    .mockImplementation((line) => void printed.push(`${line}\n`));
  const error = jest
    .spyOn(console, 'error')
    .mockImplementation((line) => void complained.push(`${line}\n`));
  try {
    const status = await run();
    return { status, stdout: printed.join(''), stderr: complained.join('') };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}
