import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from '@jest/globals';
import {
  isPlausible,
  octetsCure,
  type WantedStructure,
} from '../../../lambdas/pki/diagnosis/octets-cure.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { parseOcspResponse } from '../../../lambdas/pki/x509/ocsp.ts';
import { buildCrl, crlExtensions } from '../../../sandbox/pki/build-crl.ts';
import { buildOcspError } from '../../../sandbox/pki/build-ocsp.ts';
import { integer, sequence } from '../../../sandbox/pki/der-writer.ts';
import { hours, makeRevocationPki } from '../../vectors/revocation-pki.ts';

const { authority, leaf } = makeRevocationPki();
const person = Buffer.from(leaf().der);
const list = Buffer.from(
  buildCrl(
    {
      issuer: authority.name,
      thisUpdate: hours(-1),
      nextUpdate: hours(24),
      entries: [],
      extensions: [crlExtensions.crlNumber(7)],
    },
    authority.signer,
  ),
);
const response = Buffer.from(buildOcspError('unauthorized'));

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const request = Buffer.from(
  (
    await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=x',
      keys: await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
        'sign',
        'verify',
      ]),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    })
  ).rawData,
);
const base64 = person.toString('base64');
const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
const signedData = Buffer.from('06092a864886f70d010702', 'hex');
const cms = sequence(signedData, Buffer.concat([Buffer.from('a082', 'hex'), person.subarray(2)]));
const pkcs12 = sequence(integer(3), sequence(signedData));

describe('octets that are not a certificate', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /is needed: this is nothing/],
    [
      '14 octets appended',
      Buffer.concat([person, Buffer.alloc(14, 7)]),
      /^cut off what follows the certificate: 14 octets$/,
    ],
    [
      'zeros appended',
      Buffer.concat([person, Buffer.alloc(300)]),
      /^cut off the padding: 300 octets of zero after the certificate$/,
    ],
    [
      "the card's status word appended",
      Buffer.concat([person, Buffer.from('9000', 'hex')]),
      /^cut off the card's status word 90 00/,
    ],
    [
      'a second certificate appended',
      Buffer.concat([person, person]),
      /^give one certificate at a time/,
    ],
    [
      'inside an OCTET STRING',
      Buffer.concat([Buffer.from('0482', 'hex'), person.subarray(2, 4), person]),
      /^cut off what precedes the certificate: 4 octets$/,
    ],
    [
      'its first half',
      person.subarray(0, 300),
      new RegExp(
        `^give the whole certificate: it is cut, 300 of ${person.length.toLocaleString('en')} octets$`,
      ),
    ],
    ['PEM', Buffer.from(pem), /^openssl x509 .*: this is PEM \(CERTIFICATE\)$/],
    ['base64 text', Buffer.from(base64), /^decode it to DER: this is base64 text$/],
    ['hexadecimal text', Buffer.from(person.toString('hex')), /^decode.*hexadecimal text$/],
    ['UTF-16 text', Buffer.from(`\ufeff${pem}`, 'utf16le'), /UTF-16 text$/],
    ['octets read as UTF-8', Buffer.from(person.toString('utf8')), /^read the file as binary/],
    [
      'octets written as UTF-8',
      Buffer.from(person.toString('latin1'), 'utf8'),
      /^read the file as binary/,
    ],
    ['gzip', gzipSync(person), /^unpack or convert it to DER: this is gzip$/],
    ['a list', list, /in its place: this is a CRL$/],
    ['an OCSP response', response, /in its place: this is an OCSP response$/],
    ['a request', request, /^wait for the certificate .*certification request/],
    [
      'a public key',
      pair.publicKey.export({ type: 'spki', format: 'der' }),
      /in its place: this is a public key$/,
    ],
    [
      'a bare RSA key',
      pair.publicKey.export({ type: 'pkcs1', format: 'der' }),
      /in its place: this is a public key$/,
    ],
    ['PKCS #7', cms, /^take the certificate out of it/],
    ['PKCS #12', pkcs12, /^take the certificate out of it, and never send/],
    ['a sequence of certificates', sequence(person, person), /^send one certificate/],
    ['JSON', Buffer.from('{"certificate":""}'), /is needed: this is JSON$/],
    ['an HTML page', Buffer.from('<!DOCTYPE html><p>Sign in'), /is needed: this is an HTML page$/],
  ])('names %s', (_name, bytes, cure) => {
    expect(() => parseCertificate(bytes)).toThrow();
    expect(octetsCure(bytes, 'certificate')).toMatch(cure);
  });

  it.each([
    ['PKCS #8', pair.privateKey.export({ type: 'pkcs8', format: 'der' })],
    ['PKCS #1', pair.privateKey.export({ type: 'pkcs1', format: 'der' })],
    ['SEC 1', elliptic.privateKey.export({ type: 'sec1', format: 'der' })],
    [
      'encrypted',
      pair.privateKey.export({
        type: 'pkcs8',
        format: 'der',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      }),
    ],
    ['PEM', Buffer.from(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
  ])('calls a private key exposed: %s', (_name, bytes) => {
    expect(octetsCure(bytes, 'certificate')).toMatch(/^consider this key exposed/);
  });

  it('gives no advice for what looks like a certificate', () => {
    const forged = Buffer.from(person);
    forged[4 + 4 + 1] = 0xff;
    expect(octetsCure(person, 'certificate')).toBeUndefined();
    expect(octetsCure(forged, 'certificate')).toBeUndefined();
  });
});

describe('each kind', () => {
  it.each<[WantedStructure, Buffer, (der: Uint8Array) => unknown]>([
    ['certificate', person, parseCertificate],
    ['list', list, parseCrl],
    ['response', response, parseOcspResponse],
  ])('%s is plausible only where it is expected, also by its first octets', (kind, der, parse) => {
    parse(der);
    for (const wanted of ['certificate', 'list', 'response'] as const) {
      expect(isPlausible(der, wanted)).toBe(wanted === kind);
      expect(isPlausible(der.subarray(0, 200), wanted)).toBe(wanted === kind);
    }
  });
});
