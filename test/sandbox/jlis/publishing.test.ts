import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { entriesOf, parseCrl, type Crl } from '../../../lambdas/pki/x509/crl.ts';
import { findExtension } from '../../../lambdas/pki/x509/extensions.ts';
import { createClock, readOffset } from '../../../sandbox/jlis/clock.ts';
import { startJlis, type Jlis } from '../../../sandbox/jlis/start-jlis.ts';
import { control } from '../../../sandbox/jlis/control-client.ts';

/** 20 November 2026, noon in Japan. */
const noon = Date.parse('2026-11-20T03:00:00Z');
const open: Jlis[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((jlis) => jlis.close()));
});

async function start(dataDir?: string): Promise<Jlis> {
  const jlis = await startJlis({ port: 0, dataDir, clock: createClock(0, () => noon) });
  open.push(jlis);
  return jlis;
}

async function fullList(jlis: Jlis): Promise<Crl> {
  const response = await fetch(`${jlis.url}/crl/user-authentication-2023/full.crl`);
  expect(response.headers.get('content-type')).toBe('application/pkix-crl');
  return parseCrl(new Uint8Array(await response.arrayBuffer()));
}

const serials = (list: Crl): string[] =>
  [...entriesOf(list)].map(({ serial }) => Buffer.from(serial).toString('hex'));

/** `full`'s sibling for one municipality. */
const municipal = (label: string): string => `user-authentication-2023/${label}`;

describe('lists', () => {
  it('rise by one in CRLNumber with each publication', async () => {
    const jlis = await start();
    expect((await fullList(jlis)).extensions.crlNumber).toBe(1n);
    await control(jlis.url, 'crl/publish', {});
    expect((await fullList(jlis)).extensions.crlNumber).toBe(2n);
  });

  it('do not tell of a revocation before they are published again', async () => {
    const jlis = await start();
    const card = await control(jlis.url, 'cards', {});
    await control(jlis.url, `cards/${card.cardId}/revoke`, { reason: 'keyCompromise' });
    expect(serials(await fullList(jlis))).toEqual([]);
    await control(jlis.url, 'crl/publish', {});
    expect(serials(await fullList(jlis))).toEqual([card['user-authentication'].serial]);
  });

  it('come anew when the day turns in Japan, as of midnight', async () => {
    const jlis = await start();
    await control(jlis.url, 'clock', { by: 'PT11H59M' });
    expect((await fullList(jlis)).extensions.crlNumber).toBe(1n);
    await control(jlis.url, 'clock', { by: 'PT2M' });
    const list = await fullList(jlis);
    expect(list.extensions.crlNumber).toBe(2n);
    expect(new Date(list.thisUpdate).toISOString()).toBe('2026-11-20T15:00:00.000Z');
    expect(list.nextUpdate).toBe(list.thisUpdate + 48 * 60 * 60 * 1000);
  });

  it('are of later days when the clock goes back over midnight, and J-LIS says what that means', async () => {
    const jlis = await start();
    const move = (by: string) => control<{ note?: string }>(jlis.url, 'clock', { by });
    expect((await move('P1D')).note).toBeUndefined();
    expect((await move('-PT1H')).note).toBeUndefined();
    expect((await move('-PT23H')).note).toContain('start a new sandbox');
  });

  it('leave out what was revoked after the midnight that they speak of', async () => {
    const jlis = await start();
    await control(jlis.url, 'clock', { to: '2026-11-20T14:59:00Z' });
    const before = await control(jlis.url, 'cards', {});
    await control(jlis.url, `cards/${before.cardId}/lose`, {});
    await control(jlis.url, 'clock', { to: '2026-11-20T15:30:00Z' });
    const after = await control(jlis.url, 'cards', {});
    await control(jlis.url, `cards/${after.cardId}/lose`, {});
    expect(serials(await fullList(jlis))).toEqual([before['user-authentication'].serial]);
  });

  it('of a municipality name the distribution point that its certificates and its source carry', async () => {
    const jlis = await start();
    const card = await control(jlis.url, 'cards', { person: { municipality: '990027' } });
    const certificate = parseCertificate(
      Buffer.from(card['user-authentication'].certificate, 'base64'),
    );
    const inCertificate = findExtension(certificate, '2.5.29.31')!.value;
    const { crlSources } = jlis.trustProfileJson() as {
      crlSources: { id: string; distributionPoint?: string }[];
    };
    const source = crlSources.find(({ id }) => id === municipal('990027'))!;
    const point = Buffer.from(source.distributionPoint!, 'base64');
    expect(Buffer.from(inCertificate).includes(point)).toBe(true);
    const list = parseCrl((await jlis.published()).get(municipal('990027'))!);
    expect(Buffer.from(list.extensions.issuingDistributionPoint!.der).includes(point)).toBe(true);
  });

  it('of a municipality hold its own certificates alone; the full list holds all', async () => {
    const jlis = await start();
    const lose = async (municipality: string): Promise<string> => {
      const card = await control(jlis.url, 'cards', { person: { municipality } });
      await control(jlis.url, `cards/${card.cardId}/lose`, {});
      return card['user-authentication'].serial;
    };
    const [here, there] = [await lose('990019'), await lose('990035')];
    await control(jlis.url, 'crl/publish', {});
    const lists = await jlis.published();
    const published = (label: string): string[] => serials(parseCrl(lists.get(municipal(label))!));
    expect(published('990019')).toEqual([here]);
    expect(published('990035')).toEqual([there]);
    expect(published('full')).toEqual([here, there]);
  });

  it('are not served for an authority whose certificate has expired', async () => {
    const jlis = await start();
    const response = await fetch(`${jlis.url}/crl/user-authentication-2015/full.crl`);
    expect(response.status).toBe(404);
    const { crlSources, anchors } = jlis.trustProfileJson() as {
      crlSources: { anchorId: string }[];
      anchors: { id: string }[];
    };
    expect(anchors.map(({ id }) => id)).toContain('user-authentication-2015');
    expect(crlSources.some(({ anchorId }) => anchorId === 'user-authentication-2015')).toBe(false);
  });

  it('hold synthetic revocations beside those of cards, with their reasons', async () => {
    const jlis = await start();
    const { firstSerial } = await control<{ firstSerial: string }>(jlis.url, 'crl/synthetic', {
      issuer: 'user-authentication-2023',
      count: 7,
    });
    const entries = [...entriesOf(await fullList(jlis))];
    expect(entries).toHaveLength(7);
    expect(Buffer.from(entries[0]!.serial).toString('hex')).toBe(firstSerial);
    expect(entries[1]!.reason).toBe('affiliationChanged');
    expect(entries[1]!.revokedAt).toBe(noon);
  });
});

describe('the state', () => {
  it('outlives a restart: cards, tries, revocations, CRLNumber and the clock', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'jlis-state-'));
    const first = await start(dataDir);
    const card = await control(first.url, 'cards', {});
    await control(first.url, `cards/${card.cardId}/sign`, { pin: '0000', challenge: 'AAAA' });
    await control(first.url, `cards/${card.cardId}/lose`, {});
    await control(first.url, 'clock', { by: 'PT1H' });
    await first.close();
    expect(statSync(join(dataDir, 'jlis.json')).mode & 0o777).toBe(0o600);

    const second = await startJlis({ port: 0, dataDir });
    open.push(second);
    expect(readOffset(second.clock.offset)).toBe(60 * 60 * 1000);
    const found = await control(second.url, `cards/${card.cardId}`);
    expect(found.state).toBe('lost');
    expect(found['user-authentication'].triesLeft).toBe(2);
    expect(found['user-authentication'].certificate).toBe(card['user-authentication'].certificate);
    const list = await fullList(second);
    expect(list.extensions.crlNumber).toBe(2n);
    expect(serials(list)).toEqual([card['user-authentication'].serial]);
    rmSync(dataDir, { recursive: true });
  });

  it('of another version is refused rather than misread', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'jlis-state-'));
    writeFileSync(join(dataDir, 'jlis.json'), JSON.stringify({ version: 0 }));
    await expect(startJlis({ port: 0, dataDir })).rejects.toThrow('another version');
    expect(readFileSync(join(dataDir, 'jlis.json'), 'utf8')).toBe('{"version":0}');
    rmSync(dataDir, { recursive: true });
  });
});

describe('the control API', () => {
  it('refuses calls that a web page makes', async () => {
    const jlis = await start();
    const response = await fetch(`${jlis.url}/control/cards`, {
      method: 'POST',
      headers: { origin: 'https://example.invalid' },
    });
    expect(response.status).toBe(403);
    expect(jlis.registry.cards).toHaveLength(0);
  });

  it('names what it wants when a call is malformed', async () => {
    const jlis = await start();
    expect(await control(jlis.url, 'clock', { by: 'tomorrow' })).toMatchObject({
      status: 400,
      code: 'request-invalid',
    });
    expect(await control(jlis.url, 'nowhere')).toMatchObject({ status: 404, code: 'not-found' });
    expect(await control(jlis.url, 'cards/card-9')).toMatchObject({ code: 'card-unknown' });
    expect(await control(jlis.url, 'crl/publish')).toMatchObject({ code: 'method-not-allowed' });
  });

  it('moves the clock and puts it back', async () => {
    const jlis = await start();
    expect(await control(jlis.url, 'clock', { by: '-P1DT1H' })).toMatchObject({
      time: '2026-11-19T02:00:00.000Z',
    });
    expect(await control(jlis.url, 'clock', { reset: true })).toMatchObject({
      time: '2026-11-20T03:00:00.000Z',
      offsetMs: 0,
    });
  });
});

describe('the OCSP responder', () => {
  it('answers bytes that are no request with malformedRequest', async () => {
    const jlis = await start();
    const response = await fetch(`${jlis.url}/ocsp/user-authentication-2023`, {
      method: 'POST',
      body: Buffer.alloc(40),
    });
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0101');
  });

  it('can be stopped, be unavailable, or ask to come back later', async () => {
    const jlis = await start();
    const ask = () => fetch(`${jlis.url}/ocsp/user-authentication-2023`, { method: 'POST' });
    await control(jlis.url, 'services', { ocsp: 'stopped' });
    await expect(ask()).rejects.toThrow();
    await control(jlis.url, 'services', { ocsp: 'unavailable' });
    expect((await ask()).status).toBe(503);
    await control(jlis.url, 'services', { ocsp: 'try-later' });
    expect(Buffer.from(await (await ask()).arrayBuffer()).toString('hex')).toBe('30030a0103');
  });
});
