import { describe, expect, it } from '@jest/globals';
import { parseOcspResponse } from '../../../lambdas/pki/x509/ocsp.ts';
import { signed } from '../../../sandbox/pki/build-certificate.ts';
import {
  context,
  der,
  enumerated,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../../sandbox/pki/der-writer.ts';
import { generateSigner } from '../../../sandbox/pki/signing.ts';

const key = generateSigner('P-256');
const time = der(0x18, Buffer.from('20260401000000Z'));

/** A response with these parameters in the hashAlgorithm of its CertID. */
function responseWith(...parameters: readonly Buffer[]): Buffer {
  const certId = sequence(
    sequence(oid('2.16.840.1.101.3.4.2.1'), ...parameters),
    octetString(Buffer.alloc(32)),
    octetString(Buffer.alloc(32)),
    integer(1),
  );
  const tbs = sequence(
    context(2, octetString(Buffer.alloc(20))),
    time,
    sequence(sequence(certId, der(0x80), time)),
  );
  const basic = sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(signed(tbs, key)));
  return sequence(enumerated(0), context(0, basic));
}

describe('the hashAlgorithm of a CertID', () => {
  it('may have NULL or no parameters', () => {
    expect(parseOcspResponse(responseWith(nullValue())).status).toBe('successful');
    expect(parseOcspResponse(responseWith()).status).toBe('successful');
  });

  it.each([
    ['an OCTET STRING', octetString()],
    ['a NULL with content', der(0x05, Buffer.of(0))],
  ])('may not have %s as parameters', (_, parameters) => {
    expect(() => parseOcspResponse(responseWith(parameters))).toThrow(
      expect.objectContaining({ code: 'ocsp-malformed' }),
    );
  });
});
