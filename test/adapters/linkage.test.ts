import { describe, expect, it } from '@jest/globals';
import { httpLinkage } from '../../lambdas/adapters/linkage/http-linkage.ts';

const reference = { issuerKeyId: 'a'.repeat(64), serial: Uint8Array.of(0x01, 0x02) };
const answering = (status: number, body: string) =>
  httpLinkage('http://linkage.example/', async () => new Response(body, { status }));
const json = (value: unknown) => answering(200, JSON.stringify(value));

describe('the linkage service over HTTP', () => {
  it('is asked with issuer key id and serial in hex', async () => {
    let asked: unknown;
    const linkage = httpLinkage('http://linkage.example/', (async (
      url: string,
      init: RequestInit,
    ) => {
      asked = [url, init.method, JSON.parse(init.body as string)];
      return new Response('{"predecessor":null}');
    }) as never);
    expect(await linkage.predecessorOf(reference)).toBeUndefined();
    expect(asked).toEqual([
      'http://linkage.example/renewals',
      'POST',
      { issuerKeyId: 'a'.repeat(64), serial: '0102' },
    ]);
  });

  it('tells the predecessor and the signature certificate', async () => {
    const wire = { issuerKeyId: 'b'.repeat(64), serial: '00ff' };
    const linked = { issuerKeyId: 'b'.repeat(64), serial: Buffer.of(0x00, 0xff) };
    expect(await json({ predecessor: wire }).predecessorOf(reference)).toEqual(linked);
    expect(await json({ signature: wire }).signatureCertificateOf(reference)).toEqual({
      reference: linked,
    });
    expect(
      await json({ signature: null, reason: 'not-issued' }).signatureCertificateOf(reference),
    ).toEqual({
      reference: undefined,
      reason: 'not-issued',
    });
  });

  it.each([
    ['an unknown certificate', answering(404, '{}')],
    ['an error', answering(500, '')],
    ['no JSON', answering(200, '<html>')],
    ['no member', json({})],
    [
      'a serial that is none',
      json({ predecessor: { issuerKeyId: 'b'.repeat(64), serial: 'xyz' } }),
    ],
    ['an endless answer', answering(200, `{"predecessor":null,"x":"${'x'.repeat(5000)}"}`)],
    [
      'no connection',
      httpLinkage('http://linkage.example', async () => {
        throw new TypeError('fetch failed');
      }),
    ],
  ])('is unavailable, never "no predecessor", for %s', async (_, linkage) => {
    await expect(linkage.predecessorOf(reference)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
  });
});
