import { describe, expect, it } from '@jest/globals';
import { subtreeFrom } from '../../cli/subtree-text.ts';
import { buildName } from '../../sandbox/pki/build-certificate.ts';

describe('subtrees as text', () => {
  it.each([
    ['dNSName:example.com', { form: 'dNSName', text: 'example.com' }],
    ['dNSName:', { form: 'dNSName', text: '' }],
    ['rfc822Name:.example.com', { form: 'rfc822Name', text: '.example.com' }],
    ['uniformResourceIdentifier:a.b', { form: 'uniformResourceIdentifier', text: 'a.b' }],
  ])('reads %s', (text, expected) => {
    expect(subtreeFrom(text)).toEqual(expected);
  });

  it.each([
    ['192.0.2.0/24', 'c0000200ffffff00'],
    ['10.1.2.3/32', '0a010203ffffffff'],
    ['0.0.0.0/0', '0000000000000000'],
    ['10.0.0.0/9', '0a000000ff800000'],
    ['2001:db8::/32', `20010db8${'0'.repeat(24)}ffffffff${'0'.repeat(24)}`],
    ['::ffff:192.0.2.1/128', `${'0'.repeat(20)}ffffc0000201${'f'.repeat(32)}`],
    ['1:2:3:4:5:6:7:8/1', `00010002000300040005000600070008${'80'.padEnd(32, '0')}`],
  ])('reads the addresses %s', (text, octets) => {
    expect(subtreeFrom(`iPAddress:${text}`)).toEqual({
      form: 'iPAddress',
      octets: Uint8Array.from(Buffer.from(octets, 'hex')),
    });
  });

  it('reads a directoryName', () => {
    const name = buildName(['C', 'JP']);
    const found = subtreeFrom(`directoryName:${name.toString('base64')}`);
    expect(found?.form === 'directoryName' && Buffer.compare(found.name.der, name)).toBe(0);
  });

  it.each([
    'example.com',
    'DNS:example.com',
    'dNSName:例え.jp',
    'directoryName:C=JP',
    'iPAddress:192.0.2.1',
    'iPAddress:192.0.2.0/33',
    'iPAddress:192.0.2.0/-1',
    'iPAddress:192.0.2.0/24/8',
    'iPAddress:fe80::1%eth0/64',
    'iPAddress:::1/129',
  ])('refuses %s', (text) => {
    expect(subtreeFrom(text)).toBeUndefined();
  });
});
