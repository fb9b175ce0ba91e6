import { describe, expect, it } from '@jest/globals';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { attributeStatus } from '../../../lambdas/capabilities/attribute-status/operation.ts';
import { findAttributeBaseline } from '../../../lambdas/people/attribute-baseline.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import type { LinkedSignatureCertificate } from '../../../lambdas/people/linkage.ts';
import type { Generation, RevokedEntry } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 22);
const service = { serviceId: 'svc_a', sectorId: 'sec_a' };
const signatureCertificate = (serial: number): LinkedSignatureCertificate => ({
  reference: { issuerKeyId: 'c'.repeat(64), serial: Buffer.of(serial) },
});

/** One person, known to one service since `start`; everything around can be changed. */
async function scene({
  validUntil = start + 1000 * day,
  linkedAtLogin = signatureCertificate(1),
}: {
  readonly validUntil?: number;
  readonly linkedAtLogin?: LinkedSignatureCertificate | 'unavailable';
} = {}) {
  const state = {
    now: start,
    elapsedMs: 0,
    linked: linkedAtLogin,
    revoked: new Map<number, RevokedEntry>(),
    loaded: true,
  };
  const store = memoryIdentityStore();
  const dependencies = () => ({
    keys: labelledKeys(),
    store,
    linkage: {
      predecessorOf: async () => undefined,
      signatureCertificateOf: async () => {
        if (state.linked === 'unavailable') throw new MyKeyError('linkage-unavailable', 'out');
        return state.linked;
      },
    },
    elapsedMs: () => state.elapsedMs,
    now: state.now,
    rules: { clockSkewMs: 60_000, crlMaxAgeMs: 2 * day },
    lists: {
      current: async (scope: {
        issuerKeyId: string;
        scope: string;
      }): Promise<Generation | undefined> =>
        state.loaded
          ? {
              ...scope,
              sourceId: 'digital-signature-2023/full',
              generationId: 'g',
              crlNumber: '7',
              thisUpdate: start,
              nextUpdate: start + 3 * day,
              entries: state.revoked.size,
              bytes: 1,
              ingestedAt: start,
            }
          : undefined,
      lookup: async (_: Generation, serials: readonly Uint8Array[]) =>
        serials.map((serial) => state.revoked.get(serial[0]!)),
    },
  });
  const reference = { issuerKeyId: 'a'.repeat(64), serial: Buffer.of(9), validUntil };
  const ppid = await identifyPerson(reference, service, {
    ...dependencies(),
    ppidMac: labelledPpidMac(),
  });
  if (linkedAtLogin === 'unavailable') state.linked = signatureCertificate(1);
  const ask = (confirmed = false, serviceId = 'svc_a') =>
    attributeStatus({ serviceId, ppid, confirmed }, dependencies());
  /** As a bulk job reads it: without a question to the linkage service. */
  const baseline = (serviceId = 'svc_a', of = ppid) =>
    findAttributeBaseline(dependencies())(serviceId, of, state.now);
  return { state, ask, baseline };
}

describe('the attributes of a person', () => {
  it('are unchanged while the signature certificate of the last confirmation is not revoked', async () => {
    const { ask } = await scene();
    expect(await ask(true)).toMatchObject({ status: 'unchanged', list: { crlNumber: '7' } });
    expect(await ask()).toMatchObject({ status: 'unchanged' });
  });

  it('are compared with the signature certificate of the first login until the service confirms', async () => {
    const { state, ask, baseline } = await scene();
    expect(await ask()).toMatchObject({ status: 'unchanged' });
    expect(await baseline()).toMatchObject({ reason: undefined });
    state.revoked.set(1, { revokedAt: start + 5, reason: 'affiliationChanged' });
    state.linked = signatureCertificate(2);
    expect(await ask()).toMatchObject({ status: 'changed' });
  });

  it('are unknown without a baseline: the linkage service was out at the first login', async () => {
    const { ask } = await scene({ linkedAtLogin: 'unavailable' });
    expect(await ask()).toEqual({ status: 'unknown', reason: 'never-confirmed' });
    expect(await ask()).toMatchObject({ status: 'unchanged' });
  });

  it('changed when it was revoked for that, also after a new one was issued', async () => {
    const { state, ask } = await scene();
    await ask(true);
    state.revoked.set(1, { revokedAt: start + 5, reason: 'affiliationChanged' });
    state.linked = signatureCertificate(2);
    expect(await ask()).toMatchObject({ status: 'changed', changedAt: start + 5 });
    expect(await ask()).toMatchObject({ status: 'changed' });
    expect(await ask(true)).toMatchObject({ status: 'unchanged' });
    expect(await ask()).toMatchObject({ status: 'unchanged' });
  });

  it.each([
    [
      'it was revoked for another reason',
      { revoked: 'superseded' },
      'signature-certificate-revoked: superseded',
    ],
    [
      'another one took its place',
      { linked: signatureCertificate(2) },
      'signature-certificate-renewed',
    ],
    [
      'the card has none',
      { linked: { reference: undefined, reason: 'not-issued' } },
      'signature-certificate-not-issued',
    ],
    ['the linkage service is out', { linked: 'unavailable' }, 'linkage-unavailable'],
    ['the time for linkage is spent', { elapsedMs: 10_000 }, 'linkage-unavailable'],
    ['no list is loaded', { loaded: false }, 'no-applicable-crl'],
    ['the list is too old', { now: start + 4 * day }, 'crl-stale'],
  ] as const)('are unknown when %s', async (_, change, reason) => {
    const { state, ask } = await scene();
    await ask(true);
    const { revoked, ...rest } = change as { revoked?: 'superseded' };
    Object.assign(state, rest);
    if (revoked) state.revoked.set(1, { revokedAt: start, reason: revoked });
    expect(await ask()).toMatchObject({ status: 'unknown', reason });
  });

  it('are unknown when it has expired: lists drop expired certificates', async () => {
    const { state, ask } = await scene({ validUntil: start + day });
    await ask(true);
    state.now = start + day + 1;
    expect(await ask()).toMatchObject({ reason: 'signature-certificate-expired' });
  });

  it('are none of the business of a service that has no PPID for the person', async () => {
    const { ask } = await scene();
    await expect(ask(false, 'svc_b')).rejects.toMatchObject({ code: 'ppid-not-found' });
  });
});

describe('the baseline that a bulk job reads', () => {
  it('is the certificate of the last confirmation, while it is the card’s and unexpired', async () => {
    const { state, ask, baseline } = await scene({ validUntil: start + day });
    await ask(true);
    state.linked = 'unavailable';
    const certificate = { issuerKeyId: 'c'.repeat(64), serial: Buffer.of(1) };
    expect(await baseline()).toMatchObject({ certificate, reason: undefined });
    state.now = start + day + 1;
    expect(await baseline()).toMatchObject({ reason: 'signature-certificate-expired' });
  });

  it('does not prove unchanged once the linkage service named another', async () => {
    const { state, ask, baseline } = await scene();
    await ask(true);
    state.linked = signatureCertificate(2);
    await ask();
    expect(await baseline()).toMatchObject({ reason: 'signature-certificate-renewed' });
  });

  it('is none for a card without signature certificate, with the reason of the linkage service', async () => {
    const linkedAtLogin: LinkedSignatureCertificate = {
      reference: undefined,
      reason: 'not-issued',
    };
    const { baseline } = await scene({ linkedAtLogin });
    const reason = 'signature-certificate-not-issued';
    expect(await baseline()).toEqual({ certificate: undefined, reason });
  });

  it('of another service’s PPID is that of an unknown one', async () => {
    const { baseline } = await scene();
    expect([await baseline('svc_b'), await baseline('svc_a', 'a'.repeat(32))]).toEqual([
      'ppid-unknown',
      'ppid-unknown',
    ]);
  });
});
