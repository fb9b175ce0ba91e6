import { describe, expect, it } from '@jest/globals';
import { entryFor } from '../../../lambdas/pki/crl/crl-entry-for.ts';
import { listCovers, placesOf } from '../../../lambdas/pki/crl/crl-scope.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { buildName, extension } from '../../../sandbox/pki/build-certificate.ts';
import {
  buildCrl,
  crlExtensions,
  type CrlEntryTemplate,
  directoryPoint,
} from '../../../sandbox/pki/build-crl.ts';
import { context, oid, sequence, setOf, utf8String } from '../../../sandbox/pki/der-writer.ts';
import { hours, makeRevocationPki } from '../../vectors/revocation-pki.ts';

const pki = makeRevocationPki();
const listWith = (change: {
  readonly issuer?: Buffer;
  readonly entries?: readonly CrlEntryTemplate[];
  readonly extensions: readonly Buffer[];
}) =>
  parseCrl(
    buildCrl(
      { issuer: pki.authority.name, thisUpdate: hours(-1), nextUpdate: hours(24), ...change },
      pki.authority.signer,
    ),
  );

describe('a serial number with two entries on a delta CRL', () => {
  const removed = { serial: 4242, revokedAt: hours(-3), reason: 8 };
  const revoked = { serial: 4242, revokedAt: hours(-2), reason: 1 };
  const card = parseCertificate(pki.leaf().der);

  it.each([
    ['after removeFromCRL', [removed, revoked]],
    ['before removeFromCRL', [revoked, removed]],
  ])('is revoked if the revocation is %s', (_order, entries) => {
    const extensions = [crlExtensions.crlNumber(2), crlExtensions.deltaCrlIndicator(1)];
    expect(entryFor(listWith({ entries, extensions }), card)?.reason).toBe('keyCompromise');
  });

  it('is not revoked if the only entry is removeFromCRL', () => {
    const extensions = [crlExtensions.crlNumber(2), crlExtensions.deltaCrlIndicator(1)];
    expect(entryFor(listWith({ entries: [removed], extensions }), card)?.reason).toBe(
      'removeFromCRL',
    );
  });
});

describe('a distribution point with nameRelativeToCRLIssuer (RFC 5280 §4.2.1.13)', () => {
  const [one, other] = [buildName(['CN', 'One']), buildName(['CN', 'Other'])];
  const attribute = sequence(oid('2.5.4.11'), utf8String('131016'));
  const list = listWith({
    issuer: one,
    extensions: [
      crlExtensions.issuingDistributionPoint({
        indirectCrl: true,
        distributionPoint: directoryPoint(
          sequence(setOf(sequence(oid('2.5.4.3'), utf8String('One'))), setOf(attribute)),
        ),
      }),
    ],
  });
  const isCovered = (...issuers: readonly Buffer[]): boolean => {
    const issuerNames = Buffer.concat(issuers.map((issuer) => context(4, issuer)));
    const point = sequence(context(0, context(1, attribute)), context(2, issuerNames));
    const card = parseCertificate(pki.leaf(extension('2.5.29.31', sequence(point))).der);
    return placesOf(card).some((place) => listCovers(list, place, card));
  };

  it('matches a CRL of its only cRLIssuer', () => {
    expect(isCovered(one)).toBe(true);
  });

  it('matches no CRL if it has two cRLIssuer names', () => {
    expect(isCovered(one, other)).toBe(false);
  });
});
