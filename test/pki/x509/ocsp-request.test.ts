import { verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { type CertIdHash, certIdHashes } from '../../../lambdas/pki/x509/cert-id.ts';
import { contextConstructed, enterWhole, tag } from '../../../lambdas/pki/x509/der.ts';
import { encodeOcspRequest } from '../../../lambdas/pki/x509/ocsp-request.ts';
import { buildCertId } from '../../../sandbox/pki/build-ocsp.ts';
import { parseOcspRequest } from '../../vectors/parse-ocsp-request.ts';
import { algorithmOf, signWith } from '../../../sandbox/pki/signing.ts';
import { makeRevocationPki } from '../../vectors/revocation-pki.ts';

const { authority, leaf } = makeRevocationPki();
const person = leaf();
const certificate = parseCertificate(person.der);
const issuer = parseCertificate(authority.der);
const nonce = Buffer.alloc(32, 9);

describe('an OCSP request', () => {
  it.each<[CertIdHash, 'sha1' | 'sha256' | 'sha384' | 'sha512']>([
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
  ])('has the CertID by %s that a responder would compute', async (hash, builtWith) => {
    const request = await encodeOcspRequest({ certificate, issuer, hash, nonce });
    const parsed = parseOcspRequest(request);
    const { name: issuerName, spki: issuerSpki } = authority;
    const certId = buildCertId({ hash: builtWith, issuerName, issuerSpki, serial: 4242 });
    expect(parsed.certificates.map((one) => Buffer.from(one.certId))).toEqual([certId]);
    expect(parsed.certificates[0]!.hashAlgorithm).toBe(certIdHashes[hash].oid);
  });

  it('carries the given nonce, or none', async () => {
    const asked = { certificate, issuer, hash: 'SHA-1' } as const;
    const withNonce = await encodeOcspRequest({ ...asked, nonce });
    expect(Buffer.from(parseOcspRequest(withNonce).nonce!)).toEqual(nonce);
    const without = await encodeOcspRequest({ ...asked, nonce: undefined });
    expect(parseOcspRequest(without).nonce).toBeUndefined();
  });

  it('is signed over its TBSRequest, with requestorName, if a signer is given', async () => {
    const request = await encodeOcspRequest({
      certificate,
      issuer,
      hash: 'SHA-1',
      nonce,
      signer: {
        requestorName: person.name,
        algorithm: algorithmOf(person.signer.scheme),
        sign: (tbs) => signWith(person.signer, tbs),
        certificates: [person.der],
      },
    });
    expect(parseOcspRequest(request).isSigned).toBe(true);
    const outer = enterWhole(request);
    const tbs = outer.element(tag.sequence);
    const signature = outer.enter(contextConstructed(0)).enter(tag.sequence);
    signature.element(tag.sequence);
    expect(verify('sha256', tbs, person.signer.publicKey, signature.octetAlignedBits())).toBe(true);
    const requestor = enterWhole(tbs).enter(contextConstructed(1)).enter(contextConstructed(4));
    expect(Buffer.from(requestor.element())).toEqual(person.name);
  });
});
