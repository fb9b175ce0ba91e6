import { describe, expect, it } from '@jest/globals';
import { mayConnect, parseTarget } from '../../../lambdas/capabilities/webhooks/target.ts';

const strict = { loopback: false };

describe('an address that a notice may reach', () => {
  it.each([
    '93.184.216.34',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '2606:4700::1111',
    '2400:8902::1',
  ])('may be %s', (address) => expect(mayConnect(address, strict)).toBe(true));

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.7',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:a00:1::1',
    'example.com',
    '',
  ])('is not %s', (address) => expect(mayConnect(address, strict)).toBe(false));

  it('is loopback only where a sandbox permits it, and nothing else private then', () => {
    const sandbox = { loopback: true };
    expect(['127.0.0.1', '::1'].every((address) => mayConnect(address, sandbox))).toBe(true);
    for (const address of ['10.1.2.3', '169.254.169.254', 'fe80::1', '::ffff:127.0.0.1'])
      expect(mayConnect(address, sandbox)).toBe(false);
  });
});

describe('the URL of an endpoint', () => {
  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'example.com',
    'https://user@example.com/',
    'https://:secret@example.com/',
    'https://example.com/#part',
    'http://127.0.0.1/',
  ])('is not %s', (url) =>
    expect(() => parseTarget(url, strict)).toThrow(
      expect.objectContaining({ code: 'webhook-url-refused' }),
    ),
  );

  it('is https, or http to loopback where a sandbox permits it', () => {
    expect(parseTarget('https://example.com:8443/a?b=c', strict).href).toBe(
      'https://example.com:8443/a?b=c',
    );
    const sandbox = { loopback: true };
    expect(parseTarget('http://127.0.0.1:8080/', sandbox).port).toBe('8080');
    for (const url of ['http://example.com/', 'http://10.0.0.1/'])
      expect(() => parseTarget(url, sandbox)).toThrow('https');
  });
});
