import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import type { Jlis } from '../../sandbox/jlis/start-jlis.ts';

/** Far above what J-LIS counts, so that no list that it publishes meanwhile takes the place of this one. */
export const ownCrlNumber = 1_000_000;

/**
 * A list of one entry by an authority of the simulated J-LIS, which does not publish it.
 * @param deltaBase makes it a delta CRL to the complete list of that number (RFC 5280 §5.2.4)
 */
export function ownList(
  jlis: Jlis,
  authorityId: string,
  serial: number,
  { crlNumber = ownCrlNumber, deltaBase }: { crlNumber?: number; deltaBase?: number } = {},
): Buffer {
  const authority = jlis.authorities.find(({ id }) => id === authorityId)!;
  const thisUpdate = new Date(Math.floor(jlis.clock.now() / 1000) * 1000);
  return buildCrl(
    {
      issuer: authority.name,
      thisUpdate,
      nextUpdate: new Date(thisUpdate.getTime() + 86_400_000),
      entries: [{ serial, revokedAt: thisUpdate }],
      extensions: [
        crlExtensions.authorityKeyIdentifier(authority.spki),
        crlExtensions.crlNumber(crlNumber),
        ...(deltaBase === undefined ? [] : [crlExtensions.deltaCrlIndicator(deltaBase)]),
      ],
    },
    authority.signer,
  );
}
