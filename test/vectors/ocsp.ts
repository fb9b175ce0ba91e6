import { certificateExtensions as ext, extension } from '../../sandbox/pki/build-certificate.ts';
import {
  buildCertId,
  buildOcspError,
  buildOcspResponse,
  ocspExtensions,
  type OcspResponseTemplate,
  type SingleResponseTemplate,
} from '../../sandbox/pki/build-ocsp.ts';
import {
  context,
  contextPrimitive,
  der,
  enumerated,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../sandbox/pki/der-writer.ts';
import type { Signer } from '../../sandbox/pki/signing.ts';
import { hours, now, type Party, type RevocationPki, seconds } from './revocation-pki.ts';

/**
 * A case tests one rule and differs from a passing case in one respect. `expected` is `good`, `revoked` or
 * the reason for unknown.
 */
export interface OcspVector {
  readonly id: string;
  readonly clause: string;
  readonly expected: string;
  readonly response: Uint8Array;
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  /** Configured responder certificates. */
  readonly known: readonly Uint8Array[];
  /** The nonce of the request. */
  readonly nonce: Uint8Array | undefined;
  readonly acceptMissingNonce: boolean;
  readonly acceptUncheckedResponder: boolean;
  /** Status of a delegate without ocsp-nocheck by CRL. */
  readonly responderStatus: 'good' | 'revoked' | 'unknown';
}

type Case = Partial<Omit<OcspVector, 'id' | 'clause' | 'expected' | 'response'>>;

export const sentNonce = Buffer.alloc(32, 0x5a);
const serial = 4242;
const unknownExtension = (critical: boolean): Buffer =>
  extension('1.2.3.4', octetString(), critical);
const ocspSigning = '1.3.6.1.5.5.7.3.9';

export function ocspVectors(pki: RevocationPki): readonly OcspVector[] {
  const { authority, otherGeneration, stranger, issue, name } = pki;
  const leaf = pki.leaf();
  const delegateExtensions = [ext.keyUsage('digitalSignature'), ext.extendedKeyUsage(ocspSigning)];
  const delegate = (
    extensions: readonly Uint8Array[] = [...delegateExtensions, ext.ocspNoCheck()],
    by: Pick<Party, 'name' | 'signer'> = authority,
    change: Parameters<typeof issue>[2] = {},
  ): Party => issue(by, name('Responder'), { serial: 9, extensions, ...change });
  const responder = delegate();

  const certId = (change: Partial<Parameters<typeof buildCertId>[0]> = {}): Buffer =>
    buildCertId({ issuerName: authority.name, issuerSpki: authority.spki, serial, ...change });
  const single = (change: Partial<SingleResponseTemplate> = {}): SingleResponseTemplate => ({
    certId: certId(),
    status: 'good',
    thisUpdate: hours(-1),
    nextUpdate: hours(1),
    ...change,
  });
  const revokedAt = hours(-30);
  const nonce = ocspExtensions.nonce(sentNonce);

  const response = (
    change: Partial<OcspResponseTemplate> = {},
    by: Party = responder,
    signer: Signer = by.signer,
  ): Buffer =>
    buildOcspResponse(
      {
        responder: { byKey: by.spki },
        producedAt: seconds(-10),
        responses: [single()],
        extensions: [nonce],
        certificates: [by.der],
        ...change,
      },
      signer,
    );
  const withSingle = (...changes: readonly Partial<SingleResponseTemplate>[]): Buffer =>
    response({ responses: changes.map((change) => single(change)) });

  const vectors: OcspVector[] = [];
  const add = (
    id: string,
    clause: string,
    expected: string,
    bytes: Uint8Array,
    change: Case = {},
  ): void => {
    vectors.push({
      id,
      clause,
      expected,
      response: bytes,
      certificate: leaf.der,
      issuer: authority.der,
      known: [],
      nonce: sentNonce,
      acceptMissingNonce: false,
      acceptUncheckedResponder: false,
      responderStatus: 'unknown',
      ...change,
    });
  };

  // Status
  add('good, signed by a delegate', 'RFC 6960 §2.2', 'good', response());
  add('revoked', 'RFC 6960 §2.2', 'revoked', withSingle({ status: { revokedAt } }));
  add(
    'revoked with a reason',
    'RFC 6960 §4.2.1',
    'revoked',
    withSingle({ status: { revokedAt, reason: 1 } }),
  );
  add(
    'revoked because never issued',
    'RFC 6960 §4.4.8',
    'revoked',
    response({
      responses: [single({ status: { revokedAt: new Date(0), reason: 6 } })],
      extensions: [nonce, ocspExtensions.extendedRevoke()],
    }),
  );
  add('unknown', 'RFC 6960 §2.2', 'ocsp-status-unknown', withSingle({ status: 'unknown' }));
  for (const status of [
    'malformedRequest',
    'internalError',
    'tryLater',
    'sigRequired',
    'unauthorized',
  ] as const) {
    add(`the status ${status}`, 'RFC 6960 §2.3', 'ocsp-error-status', buildOcspError(status));
  }
  add('the undefined status 4', 'RFC 6960 §4.2.1', 'ocsp-malformed', sequence(enumerated(4)));
  add(
    'an error status with responseBytes',
    'RFC 6960 §4.2.1',
    'ocsp-malformed',
    response({ status: 3 }),
  );
  add(
    'successful without responseBytes',
    'RFC 6960 §4.2.1',
    'ocsp-malformed',
    sequence(enumerated(0)),
  );

  // Signer
  const byAuthority: Partial<OcspResponseTemplate> = {
    responder: { byKey: authority.spki },
    certificates: [],
  };
  add(
    'signed by the issuer, identified by key, no certificate embedded',
    'RFC 6960 §4.2.2.2 (1)',
    'good',
    response(byAuthority, authority),
  );
  add(
    'signed by the issuer, identified by name, no certificate embedded',
    'RFC 6960 §4.2.2.3',
    'good',
    response({ ...byAuthority, responder: { byName: authority.name } }, authority),
  );
  add(
    'signed by the issuer, its certificate embedded',
    'RFC 6960 §4.2.2.2 (1)',
    'good',
    response({}, authority),
  );
  add(
    'a delegate identified by name',
    'RFC 6960 §4.2.2.3',
    'good',
    response({ responder: { byName: responder.name } }),
  );
  add(
    'a delegate that is configured and not embedded',
    'RFC 6960 §4.2.1',
    'good',
    response({ certificates: [] }),
    { known: [responder.der] },
  );
  add(
    'a delegate that is neither embedded nor configured',
    'RFC 6960 §4.2.1',
    'ocsp-responder-untrusted',
    response({ certificates: [] }),
  );
  add(
    'a delegate among other certificates',
    'RFC 6960 §4.2.1',
    'good',
    response({ certificates: [stranger.der, authority.der, responder.der] }),
  );
  add(
    'embedded octets that are not a certificate, and the delegate',
    'RFC 6960 §4.2.1',
    'good',
    response({ certificates: [sequence(octetString()), responder.der] }),
  );
  const citizen = issue(authority, name('Citizen'), {
    serial: 31,
    extensions: [ext.keyUsage('digitalSignature'), ext.extendedKeyUsage('1.3.6.1.5.5.7.3.2')],
  });
  add(
    'signed by an end entity of the same CA',
    'RFC 6960 §4.2.2.2',
    'ocsp-responder-untrusted',
    response({}, citizen),
  );
  add(
    'the certificate in question vouches for itself',
    'RFC 6960 §4.2.2.2',
    'ocsp-responder-untrusted',
    response({}, leaf),
  );
  const aboutItself = response({
    responses: [single({ certId: certId({ serial: 9 }) }), single()],
  });
  add(
    'a delegate’s response for itself',
    'RFC 6960 §4.2.2.2',
    'ocsp-responder-untrusted',
    aboutItself,
    {
      certificate: responder.der,
    },
  );
  add(
    'a delegate’s response for itself and for another certificate',
    'RFC 6960 §4.2.2.2',
    'good',
    aboutItself,
  );
  add(
    'a stale good, then unknown',
    'RFC 6960 §3.2',
    'ocsp-status-unknown',
    withSingle({ nextUpdate: seconds(-1) }, { status: 'unknown' }),
  );
  const unreadable = delegate(
    [ext.extendedKeyUsage(ocspSigning), extension('2.5.29.15', sequence())],
    authority,
    {
      key: responder.signer,
    },
  );
  add(
    'a malformed certificate of the delegate’s key, then the delegate’s own',
    'RFC 6960 §4.2.1',
    'good',
    response({ certificates: [unreadable.der, responder.der] }),
  );
  const bounded = pki.selfSigned(authority.name, [
    ...pki.caExtensions,
    extension('2.5.29.30', sequence(context(0, sequence(context(4, name('Somebody else'))))), true),
  ]);
  const outside = delegate(undefined, bounded);
  add(
    'a delegate outside its issuer’s name constraints',
    'RFC 5280 §4.2.1.10',
    'ocsp-responder-untrusted',
    response({ responses: [single({ certId: certId({ issuerSpki: bounded.spki }) })] }, outside),
    { issuer: bounded.der, certificate: issue(bounded, name('Person'), { serial }).der },
  );
  const twin = delegate(undefined, authority, { serial: 10, key: responder.signer });
  add(
    'a delegate’s response for another certificate of its key',
    'RFC 6960 §4.2.2.2',
    'ocsp-responder-untrusted',
    response({ responses: [single({ certId: certId({ serial: 10 }) })] }),
    { certificate: twin.der },
  );
  const others: readonly (readonly [string, string, Party, Case?])[] = [
    [
      'a delegate without extendedKeyUsage',
      'RFC 6960 §4.2.2.2',
      delegate([ext.keyUsage('digitalSignature'), ext.ocspNoCheck()]),
    ],
    [
      'a delegate with anyExtendedKeyUsage only',
      'RFC 6960 §4.2.2.2',
      delegate([
        ext.keyUsage('digitalSignature'),
        ext.extendedKeyUsage('2.5.29.37.0'),
        ext.ocspNoCheck(),
      ]),
    ],
    [
      'a delegate of another generation under the same name',
      'RFC 6960 §4.2.2.2',
      delegate(undefined, otherGeneration),
    ],
    ['a delegate of another authority', 'RFC 6960 §4.2.2.2', delegate(undefined, stranger)],
    ['a delegate of a delegate', 'RFC 6960 §4.2.2.2', delegate(undefined, responder)],
    [
      'a delegate that signed its own certificate',
      'RFC 6960 §4.2.2.2',
      pki.selfSigned(name('Responder'), delegateExtensions),
    ],
    [
      'a delegate that has expired',
      'RFC 6960 §4.2.2.2',
      delegate(undefined, authority, { notAfter: seconds(-1) }),
    ],
    [
      'a delegate that is not yet valid',
      'RFC 6960 §4.2.2.2',
      delegate(undefined, authority, { notBefore: seconds(1) }),
    ],
    [
      'a delegate whose keyUsage allows no signatures',
      'RFC 5280 §4.2.1.12',
      delegate([
        ext.keyUsage('keyEncipherment'),
        ext.extendedKeyUsage(ocspSigning),
        ext.ocspNoCheck(),
      ]),
    ],
    [
      'a delegate with an unknown critical extension',
      'RFC 5280 §4.2',
      delegate([...delegateExtensions, ext.ocspNoCheck(), unknownExtension(true)]),
    ],
    [
      'a delegate whose ocsp-nocheck is not NULL',
      'RFC 6960 §4.2.2.2.1',
      delegate([...delegateExtensions, extension('1.3.6.1.5.5.7.48.1.5', sequence())]),
    ],
    [
      'a delegate with one extension twice',
      'RFC 5280 §4.2',
      delegate([...delegateExtensions, ext.ocspNoCheck(), ext.ocspNoCheck()]),
    ],
    [
      'a delegate signed with SHA-1',
      'algorithm policy',
      delegate(undefined, { ...authority, signer: { ...authority.signer, scheme: 'ecdsa-sha1' } }),
    ],
    [
      'a delegate that a list revokes',
      'RFC 6960 §4.2.2.2.1',
      delegate(delegateExtensions),
      { responderStatus: 'revoked' },
    ],
    ['a delegate that no list covers', 'RFC 6960 §4.2.2.2.1', delegate(delegateExtensions)],
  ];
  for (const [id, clause, by, change] of others) {
    add(id, clause, 'ocsp-responder-untrusted', response({}, by), change);
  }
  const unchecked = delegate(delegateExtensions);
  add(
    'a delegate that a list proves good',
    'RFC 6960 §4.2.2.2.1',
    'good',
    response({}, unchecked),
    {
      responderStatus: 'good',
    },
  );
  add(
    'a delegate that no list covers, which the policy accepts',
    'RFC 6960 §4.2.2.2.1',
    'good',
    response({}, unchecked),
    { acceptUncheckedResponder: true },
  );
  const withoutKeyUsage = delegate([ext.extendedKeyUsage(ocspSigning), ext.ocspNoCheck()]);
  add('a delegate without keyUsage', 'RFC 5280 §4.2.1.3', 'good', response({}, withoutKeyUsage));
  const nonRepudiator = delegate([
    ext.keyUsage('nonRepudiation'),
    ext.extendedKeyUsage(ocspSigning),
    ext.ocspNoCheck(),
  ]);
  add('a delegate with nonRepudiation', 'RFC 5280 §4.2.1.12', 'good', response({}, nonRepudiator));
  add(
    'responderID of one responder, signed by another',
    'RFC 6960 §4.2.2.3',
    'ocsp-signature-invalid',
    response({}, responder, citizen.signer),
  );
  add(
    'responderID of the issuer, signed by a delegate',
    'RFC 6960 §4.2.2.3',
    'ocsp-signature-invalid',
    response({ responder: { byKey: authority.spki } }),
  );
  add(
    'responderID of an unknown responder',
    'RFC 6960 §4.2.2.3',
    'ocsp-responder-untrusted',
    response({ responder: { byName: stranger.name } }),
  );
  add(
    'a flipped bit in the signature',
    'RFC 6960 §3.2 (2)',
    'ocsp-signature-invalid',
    flipLast(response({ ...byAuthority }, authority)),
  );
  add(
    'signed with SHA-1',
    'algorithm policy',
    'ocsp-signature-invalid',
    response({}, responder, { ...responder.signer, scheme: 'ecdsa-sha1' }),
  );

  // CertID
  add(
    'a CertID by SHA-256',
    'RFC 6960 §4.1.1',
    'good',
    withSingle({ certId: certId({ hash: 'sha256' }) }),
  );
  add(
    'a CertID by SHA-384',
    'RFC 6960 §4.1.1',
    'good',
    withSingle({ certId: certId({ hash: 'sha384' }) }),
  );
  add(
    'a CertID by SHA-512',
    'RFC 6960 §4.1.1',
    'good',
    withSingle({ certId: certId({ hash: 'sha512' }) }),
  );
  add(
    'a CertID with an unknown hash algorithm',
    'RFC 6960 §4.1.1',
    'ocsp-no-matching-response',
    withSingle({
      certId: sequence(
        sequence(oid('1.2.840.113549.2.5'), nullValue()),
        octetString(Buffer.alloc(16)),
        octetString(Buffer.alloc(16)),
        integer(serial),
      ),
    }),
  );
  add(
    'another serial',
    'RFC 6960 §3.2 (1)',
    'ocsp-no-matching-response',
    withSingle({ certId: certId({ serial: 4243 }) }),
  );
  add(
    'the same serial of another generation',
    'RFC 6960 §3.2 (1)',
    'ocsp-no-matching-response',
    withSingle({ certId: certId({ issuerSpki: otherGeneration.spki }) }),
  );
  add(
    'the same serial under another name',
    'RFC 6960 §3.2 (1)',
    'ocsp-no-matching-response',
    withSingle({ certId: certId({ issuerName: stranger.name }) }),
  );
  add(
    'no single response',
    'RFC 6960 §4.2.1',
    'ocsp-no-matching-response',
    response({ responses: [] }),
  );
  add(
    'a response for another certificate first',
    'RFC 6960 §4.2.1',
    'good',
    withSingle({ certId: certId({ serial: 1 }), status: 'unknown' }, {}),
  );
  add('good, then revoked', 'RFC 6960 §3.2', 'revoked', withSingle({}, { status: { revokedAt } }));
  add('revoked, then good', 'RFC 6960 §3.2', 'revoked', withSingle({ status: { revokedAt } }, {}));
  add(
    'good by SHA-1, revoked by SHA-256',
    'RFC 6960 §3.2',
    'revoked',
    withSingle({}, { certId: certId({ hash: 'sha256' }), status: { revokedAt } }),
  );
  add(
    'good, then unknown',
    'RFC 6960 §3.2',
    'ocsp-status-unknown',
    withSingle({}, { status: 'unknown' }),
  );
  add(
    'good, then a stale good',
    'RFC 6960 §4.2.2.1',
    'ocsp-stale',
    withSingle({}, { nextUpdate: seconds(-1) }),
  );

  // Extensions
  add(
    'an unknown response extension',
    'RFC 6960 §4.4',
    'good',
    response({ extensions: [nonce, unknownExtension(false)] }),
  );
  add(
    'an unknown critical response extension',
    'RFC 6960 §4.4',
    'ocsp-unsupported-critical-extension',
    response({ extensions: [nonce, unknownExtension(true)] }),
  );
  add(
    'an unknown singleExtension',
    'RFC 6960 §4.4',
    'good',
    withSingle({ extensions: [unknownExtension(false)] }),
  );
  add(
    'an unknown critical singleExtension',
    'RFC 6960 §4.4',
    'ocsp-unsupported-critical-extension',
    withSingle({ extensions: [unknownExtension(true)] }),
  );
  add(
    'an unknown critical singleExtension of a revoked response',
    'RFC 6960 §4.4',
    'ocsp-unsupported-critical-extension',
    withSingle({ status: { revokedAt }, extensions: [unknownExtension(true)] }),
  );
  add(
    'an unknown critical singleExtension for another certificate',
    'RFC 6960 §4.4',
    'good',
    withSingle({ certId: certId({ serial: 1 }), extensions: [unknownExtension(true)] }, {}),
  );
  add(
    'an archive cutoff',
    'RFC 6960 §4.4.4',
    'good',
    withSingle({ extensions: [ocspExtensions.archiveCutoff(hours(-9000))] }),
  );
  add(
    'an archive cutoff in the future',
    'RFC 6960 §4.4.4',
    'good',
    withSingle({ extensions: [ocspExtensions.archiveCutoff(hours(9000))] }),
  );
  add(
    'one extension twice',
    'RFC 5280 §4.2',
    'ocsp-malformed',
    response({ extensions: [nonce, nonce] }),
  );

  // Nonce
  add(
    'no nonce though one was sent',
    'RFC 9654 §2.1',
    'ocsp-nonce-mismatch',
    response({ extensions: undefined }),
  );
  add(
    'no nonce, which the profile accepts',
    'RFC 9654 §2.1',
    'good',
    response({ extensions: undefined }),
    { acceptMissingNonce: true },
  );
  add(
    'another nonce',
    'RFC 9654 §2.1',
    'ocsp-nonce-mismatch',
    response({ extensions: [ocspExtensions.nonce(Buffer.alloc(32, 1))] }),
  );
  add(
    'another nonce, where the profile accepts none',
    'RFC 9654 §2.1',
    'ocsp-nonce-mismatch',
    response({ extensions: [ocspExtensions.nonce(Buffer.alloc(32, 1))] }),
    { acceptMissingNonce: true },
  );
  add(
    'the beginning of the nonce',
    'RFC 9654 §2.1',
    'ocsp-nonce-mismatch',
    response({ extensions: [ocspExtensions.nonce(sentNonce.subarray(0, 16))] }),
  );
  add('a nonce though none was sent', 'RFC 9654 §2.1', 'good', response(), { nonce: undefined });
  add(
    'empty Extensions, as some responders send them',
    'RFC 6960 §4.2.1, see divergences',
    'good',
    response({ extensions: [], responses: [single({ extensions: [] })] }),
    { nonce: undefined },
  );
  const unreadableNonces: readonly (readonly [string, Buffer])[] = [
    ['an empty nonce', ocspExtensions.nonce(Buffer.alloc(0))],
    ['a nonce of 129 octets', ocspExtensions.nonce(Buffer.alloc(129, 1))],
    ['a nonce without its OCTET STRING', extension('1.3.6.1.5.5.7.48.1.2', sentNonce)],
    [
      'a nonce with data after its OCTET STRING',
      extension('1.3.6.1.5.5.7.48.1.2', Buffer.concat([octetString(sentNonce), nullValue()])),
    ],
  ];
  for (const [id, unreadable] of unreadableNonces) {
    const bytes = response({ extensions: [unreadable] });
    add(id, 'RFC 9654 §2.1', 'ocsp-nonce-mismatch', bytes);
    add(`${id}, where the profile accepts none`, 'RFC 9654 §2.1', 'ocsp-nonce-mismatch', bytes, {
      acceptMissingNonce: true,
    });
    add(`${id}, though none was sent`, 'RFC 9654 §2.1', 'good', bytes, { nonce: undefined });
  }

  // Time
  add(
    'producedAt at the edge of the skew',
    'RFC 6960 §4.2.2.1',
    'good',
    response({ producedAt: seconds(300) }),
  );
  add(
    'producedAt beyond the skew',
    'RFC 6960 §4.2.2.1',
    'ocsp-not-yet-valid',
    response({ producedAt: seconds(301) }),
  );
  add(
    'producedAt older than the maximum age',
    'maximum age',
    'ocsp-stale',
    response({ producedAt: hours(-169) }),
  );
  add(
    'thisUpdate at the edge of the skew',
    'RFC 6960 §3.2 (5)',
    'good',
    withSingle({ thisUpdate: seconds(300) }),
  );
  add(
    'thisUpdate beyond the skew',
    'RFC 6960 §3.2 (5)',
    'ocsp-not-yet-valid',
    withSingle({ thisUpdate: seconds(301) }),
  );
  add('nextUpdate is now', 'RFC 6960 §3.2 (6)', 'good', withSingle({ nextUpdate: now }));
  add(
    'nextUpdate was a second ago',
    'RFC 6960 §3.2 (6)',
    'ocsp-stale',
    withSingle({ nextUpdate: seconds(-1) }),
  );
  add(
    'nextUpdate before thisUpdate, both within the skew',
    'RFC 6960 §4.2.2.1',
    'ocsp-stale',
    withSingle({ thisUpdate: seconds(300), nextUpdate: seconds(299) }),
  );
  add(
    'a revocationTime in the future',
    'RFC 6960 §2.2',
    'revoked',
    withSingle({ status: { revokedAt: hours(30) } }),
  );
  add(
    'revoked, past its nextUpdate',
    'RFC 6960 §3.2 (6)',
    'ocsp-stale',
    withSingle({ status: { revokedAt }, nextUpdate: seconds(-1) }),
  );
  add('no nextUpdate', 'RFC 6960 §4.2.2.1', 'good', withSingle({ nextUpdate: undefined }));
  add(
    'no nextUpdate, older than the maximum age',
    'maximum age',
    'ocsp-stale',
    withSingle({ nextUpdate: undefined, thisUpdate: hours(-169) }),
  );
  add(
    'before nextUpdate, older than the maximum age',
    'maximum age',
    'ocsp-stale',
    withSingle({ thisUpdate: hours(-169) }),
  );

  // Structure
  add(
    'another response type',
    'RFC 6960 §4.2.1',
    'ocsp-malformed',
    response({ responseType: '1.3.6.1.5.5.7.48.1.99' }),
  );
  add(
    'an explicit default version 1',
    'X.690 §11.5, see divergences',
    'good',
    response({ version: 0 }),
  );
  add('version 2', 'RFC 6960 §4.2.1', 'ocsp-malformed', response({ version: 1 }));
  add(
    'data after the response',
    'X.690 §10',
    'ocsp-malformed',
    Buffer.concat([response(), Buffer.of(0)]),
  );
  add('a truncated response', 'X.690 §10', 'ocsp-malformed', response().subarray(0, -1));
  add('no octets', 'X.690 §10', 'ocsp-malformed', Buffer.alloc(0));
  add(
    'good with content in its NULL',
    'RFC 6960 §4.2.1',
    'ocsp-malformed',
    withSingle({ status: contextPrimitive(0, Buffer.of(0)) }),
  );
  add(
    'an undefined CertStatus',
    'RFC 6960 §4.2.1',
    'ocsp-malformed',
    withSingle({ status: contextPrimitive(3, Buffer.alloc(0)) }),
  );
  add(
    'revoked for reason 7',
    'RFC 5280 §5.3.1',
    'ocsp-malformed',
    withSingle({ status: { revokedAt, reason: 7 } }),
  );
  add(
    'a revocationTime with a fraction of a second',
    'RFC 6960 §4.2.2.1',
    'ocsp-malformed',
    withSingle({ status: context(1, der(0x18, Buffer.from('20260601000000.5Z'))) }),
  );
  add(
    '129 single responses',
    'bounded work',
    'ocsp-malformed',
    response({ responses: Array.from({ length: 129 }, () => single()) }),
  );
  add(
    'nine certificates',
    'bounded work',
    'ocsp-malformed',
    response({ certificates: Array.from({ length: 9 }, () => responder.der) }),
  );
  add(
    'more than 64 KiB',
    'bounded work',
    'ocsp-malformed',
    response({ extensions: [nonce, extension('1.2.3.4', Buffer.alloc(65_536))] }),
  );

  return vectors;
}

/** The signature is at the end if no certificate is embedded. */
function flipLast(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}
