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

describe('a serial that stands twice on a delta list', () => {
  const removed = { serial: 4242, revokedAt: hours(-3), reason: 8 };
  const revoked = { serial: 4242, revokedAt: hours(-2), reason: 1 };
  const card = parseCertificate(pki.leaf().der);

  it.each([
    ['behind its removal', [removed, revoked]],
    ['before its removal', [revoked, removed]],
  ])('is revoked: the revocation stands %s', (_order, entries) => {
    const extensions = [crlExtensions.crlNumber(2), crlExtensions.deltaCrlIndicator(1)];
    expect(entryFor(listWith({ entries, extensions }), card)?.reason).toBe('keyCompromise');
  });

  it('is removed where nothing else is said', () => {
    const extensions = [crlExtensions.crlNumber(2), crlExtensions.deltaCrlIndicator(1)];
    expect(entryFor(listWith({ entries: [removed], extensions }), card)?.reason).toBe(
      'removeFromCRL',
    );
  });
});

describe('a point whose name is relative to its CRL issuer (RFC 5280 §4.2.1.13)', () => {
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

  it('is the place of a list of the one issuer that it names', () => {
    expect(isCovered(one)).toBe(true);
  });

  it('is no place where it names two: nobody knows to which it is relative', () => {
    expect(isCovered(one, other)).toBe(false);
  });
});
