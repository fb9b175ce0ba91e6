import { describe, expect, it } from '@jest/globals';
import {
  createChallenge,
  openChallenge,
} from '../../../lambdas/capabilities/challenges/operation.ts';

const now = Date.UTC(2026, 10, 22, 9, 30);
const issuer = 'https://api.example.jp';
const bearer = { clientId: 'cli_a', serviceId: 'svc_a' };
const key = async () => Buffer.alloc(32, 1);
const otherKey = async () => Buffer.alloc(32, 2);
const made = () => createChallenge(bearer, issuer, key, now);
const notFound = expect.objectContaining({ code: 'challenge-not-found' });

describe('a challenge', () => {
  it('is one line with its format, platform, service and time', async () => {
    const { text, nonce, expiresAt } = await made();
    expect(text).toMatch(
      /^my-key-platform\/challenge\/1 issuer=https:\/\/api\.example\.jp service=svc_a time=2026-11-22T09:30:00Z nonce=[\w-]{22} mac=[\w-]{43}$/,
    );
    expect(text).toContain(`nonce=${nonce}`);
    expect(expiresAt).toBe(now + 300_000);
    expect((await made()).nonce).not.toBe(nonce);
  });

  it('opens for the client that took it, until its last millisecond, without a store', async () => {
    const { text, nonce, expiresAt } = await made();
    expect(await openChallenge(text, bearer, key, expiresAt - 1)).toEqual({
      text,
      nonce,
      expiresAt,
    });
    await expect(openChallenge(text, bearer, key, expiresAt)).rejects.toMatchObject({
      code: 'challenge-expired',
    });
  });

  it.each([
    ['another client of the same service', { ...bearer, clientId: 'cli_b' }, key],
    ['another service', { ...bearer, serviceId: 'svc_b' }, key],
    ['another platform', bearer, otherKey],
  ])('is not found for %s', async (_, who, under) => {
    const { text } = await made();
    await expect(openChallenge(text, who, under, now)).rejects.toEqual(notFound);
  });

  it('is not found when one character of it was altered, cut or added', async () => {
    const { text } = await made();
    for (let at = 0; at < text.length; at++) {
      const altered = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      await expect(openChallenge(altered, bearer, key, now)).rejects.toEqual(notFound);
    }
    for (const other of [text.slice(0, -1), `${text}\n`, `${text} `, ` ${text}`, '', 'mac=']) {
      await expect(openChallenge(other, bearer, key, now)).rejects.toEqual(notFound);
    }
  });
});
