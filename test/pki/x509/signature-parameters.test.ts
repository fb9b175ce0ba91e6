import { describe, expect, it } from '@jest/globals';
import { parseAlgorithmIdentifier } from '../../../lambdas/pki/x509/algorithm-identifier.ts';
import { signatureSchemeOf } from '../../../lambdas/pki/x509/signature-scheme.ts';
import { integer, nullValue, oid, sequence } from '../../../sandbox/pki/der-writer.ts';

const schemeOf = (id: string, ...parameters: readonly Buffer[]) =>
  signatureSchemeOf(parseAlgorithmIdentifier(sequence(oid(id), ...parameters)));

const sha256WithRsa = '1.2.840.113549.1.1.11';
const sha1WithRsa = '1.2.840.113549.1.1.5';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const dsaWithSha256 = '2.16.840.1.101.3.4.3.2';

describe('parameters of a signature algorithm', () => {
  it.each<[string, boolean, string, readonly Buffer[]]>([
    ['NULL with sha256WithRSAEncryption (RFC 4055 §5)', true, sha256WithRsa, [nullValue()]],
    ['none with sha256WithRSAEncryption (RFC 4055 §5)', true, sha256WithRsa, []],
    ['a number with sha256WithRSAEncryption', false, sha256WithRsa, [integer(1)]],
    ['NULL with sha1WithRSAEncryption (RFC 3279 §2.2.1)', true, sha1WithRsa, [nullValue()]],
    ['none with sha1WithRSAEncryption, as some signers send', true, sha1WithRsa, []],
    ['a number with sha1WithRSAEncryption', false, sha1WithRsa, [integer(1)]],
    ['none with ecdsa-with-SHA256 (RFC 5758 §3.2)', true, ecdsaWithSha256, []],
    ['NULL with ecdsa-with-SHA256', false, ecdsaWithSha256, [nullValue()]],
    ['none with id-dsa-with-sha256 (RFC 5758 §3.1)', true, dsaWithSha256, []],
  ])('%s: %s', (_situation, accepted, id, parameters) => {
    expect(schemeOf(id, ...parameters) !== undefined).toBe(accepted);
  });
});
