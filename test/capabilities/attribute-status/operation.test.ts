import { describe, expect, it } from '@jest/globals';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { attributeStatus } from '../../../lambdas/capabilities/attribute-status/operation.ts';
import { findAttributeBaseline } from '../../../lambdas/people/attribute-baseline.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import type { LinkedSignatureCertificate } from '../../../lambdas/people/linkage.ts';
import type { RevocationMethod } from '../../../lambdas/pki/revocation/revocation-status.ts';
import type { RevokedEntry } from '../../../lambdas/pki/revocation/stored-lists.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../../lambdas/pki/x509/issuer-key-id.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import {
  anchor,
  profile,
  responders,
  storedLists,
  type Answer,
  type StoredList,
} from '../../pki/revocation/revocation-fixtures.ts';
import { hours, now, seconds } from '../../vectors/revocation-pki.ts';

const day = 86_400_000;
const start = now.getTime();
const service = { serviceId: 'svc_a', sectorId: 'sec_a' };
const issuerKeyId = issuerKeyIdOf(anchor);
const town = 'd'.repeat(64);
const signatureCertificate = (serial: number): LinkedSignatureCertificate => ({
  reference: { issuerKeyId, serial: Buffer.of(serial), listScope: town },
});
const signing: TrustProfile = {
  ...profile,
  anchors: [{ id: 'login', kind: 'digital-signature', certificate: anchor }],
};

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
    /** On the full list, by serial. */
    revoked: {} as Record<string, RevokedEntry>,
    lists: undefined as readonly StoredList[] | undefined,
    answer: 'unreachable' as Answer,
    method: 'crl' as RevocationMethod,
    profile: signing,
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
    profile: state.profile,
    ocsp: responders({ first: state.answer }).client,
    lists: storedLists(state.lists ?? [{ revoked: state.revoked }]),
  });
  const reference = { issuerKeyId: 'a'.repeat(64), serial: Buffer.of(9), validUntil };
  const ppid = await identifyPerson(reference, service, {
    ...dependencies(),
    ppidMac: labelledPpidMac(),
  });
  if (linkedAtLogin === 'unavailable') state.linked = signatureCertificate(1);
  const ask = (confirmed = false, serviceId = 'svc_a') =>
    attributeStatus({ serviceId, ppid, confirmed, method: state.method }, dependencies());
  /** As a bulk job reads it: without a question to the linkage service. */
  const baseline = (serviceId = 'svc_a', of = ppid) =>
    findAttributeBaseline(dependencies())(serviceId, of, state.now);
  return { state, ask, baseline };
}

describe('the attributes of a person', () => {
  it('are unchanged while the signature certificate of the last confirmation is not revoked', async () => {
    const { ask } = await scene();
    expect(await ask(true)).toMatchObject({
      status: 'unchanged',
      evidence: { method: 'crl', crlNumber: '7' },
    });
    expect(await ask()).toMatchObject({ status: 'unchanged' });
  });

  it('are compared with the signature certificate of the first login until the service confirms', async () => {
    const { state, ask, baseline } = await scene();
    expect(await ask()).toMatchObject({ status: 'unchanged' });
    expect(await baseline()).toMatchObject({ reason: undefined });
    state.revoked['01'] = { revokedAt: start + 5, reason: 'affiliationChanged' };
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
    state.revoked['01'] = { revokedAt: start + 5, reason: 'affiliationChanged' };
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
    ['no list is loaded', { lists: [] }, 'no-applicable-crl'],
    ['the list store is out', { lists: 'broken' }, 'crl-store-unavailable'],
    [
      'the trust profile has lost the issuer',
      { profile: { ...signing, anchors: [] } },
      'no-applicable-crl',
    ],
    ['the list is too old', { now: start + 4 * day }, 'crl-stale'],
  ] as const)('are unknown when %s', async (_, change, reason) => {
    const { state, ask } = await scene();
    await ask(true);
    const { revoked, ...rest } = change as { revoked?: 'superseded' };
    Object.assign(state, rest);
    if (revoked) state.revoked['01'] = { revokedAt: start, reason: revoked };
    expect(await ask()).toMatchObject({ status: 'unknown', reason });
  });

  it('are unknown when it has expired: lists drop expired certificates', async () => {
    const { state, ask } = await scene({ validUntil: start + day });
    await ask(true);
    state.now = start + day + 1;
    state.lists = [{ thisUpdate: hours(24), nextUpdate: hours(48) }];
    expect(await ask()).toMatchObject({ reason: 'signature-certificate-expired' });
  });

  it('are none of the business of a service that has no PPID for the person', async () => {
    const { ask } = await scene();
    await expect(ask(false, 'svc_b')).rejects.toMatchObject({ code: 'ppid-not-found' });
  });
});

describe('the sources of the status', () => {
  const moved = { revokedAt: start + 5, reason: 'affiliationChanged' } as const;
  const byResponder = { revokedAt: seconds(-600), reason: 3 } as const;

  it('are the responder, which knows at once what no list says yet', async () => {
    const { state, ask } = await scene();
    Object.assign(state, { method: 'ocsp', answer: 'good' });
    expect(await ask()).toMatchObject({
      status: 'unchanged',
      comparedWith: { confirmedAt: start, setBy: 'login' },
      evidence: { method: 'ocsp', producedAt: seconds(-1).getTime() },
    });
    state.answer = byResponder;
    const changedAt = seconds(-600).getTime();
    expect(await ask()).toMatchObject({ status: 'changed', changedAt });
    state.method = 'crl';
    expect(await ask()).toMatchObject({ status: 'unchanged', evidence: { method: 'crl' } });
  });

  it('are the lists under auto, once no responder answers', async () => {
    const { state, ask } = await scene();
    state.revoked['01'] = moved;
    Object.assign(state, { method: 'auto', answer: 'unreachable' });
    expect(await ask()).toMatchObject({ status: 'changed', evidence: { method: 'crl' } });
  });

  it.each(['unreachable', 'stale', 'unknown', 'wrong nonce'] as const)(
    'prove nothing by OCSP when the responder’s answer is %s',
    async (answer) => {
      const { state, ask } = await scene();
      Object.assign(state, { method: 'ocsp', answer });
      expect(await ask()).toMatchObject({ status: 'unknown' });
    },
  );

  it('never prove unchanged by a list that the responder’s “unknown” outweighs', async () => {
    const { state, ask } = await scene();
    Object.assign(state, { method: 'auto', answer: 'unknown' });
    expect(await ask()).toMatchObject({ status: 'unknown', reason: 'ocsp-status-unknown' });
  });

  it('are the list of the municipality that the linkage service names, if it is the newer one', async () => {
    const { state, ask } = await scene();
    const municipal = { scope: town, revoked: { '01': moved } };
    const full = { thisUpdate: hours(-2) };
    state.lists = [full, { ...municipal, thisUpdate: hours(-1) }];
    expect(await ask()).toMatchObject({ status: 'changed' });
    state.lists = [{ scope: town }];
    expect(await ask()).toMatchObject({ status: 'unchanged' });
  });

  it('are not the list of another municipality: absence from it says nothing', async () => {
    const { state, ask } = await scene();
    state.lists = [{ scope: 'e'.repeat(64) }];
    expect(await ask()).toEqual({
      status: 'unknown',
      reason: 'no-applicable-crl',
      comparedWith: { confirmedAt: start, setBy: 'login' },
    });
  });

  it.each([
    'superseded',
    'keyCompromise',
    'cessationOfOperation',
    'unspecified',
    'certificateHold',
  ] as const)('are never unchanged after a revocation with reason %s', async (reason) => {
    const { state, ask } = await scene();
    state.revoked['01'] = { revokedAt: start, reason };
    expect(await ask()).toMatchObject({
      status: 'unknown',
      reason: `signature-certificate-revoked: ${reason}`,
    });
  });

  it('move with the service’s confirmation', async () => {
    const { state, ask } = await scene();
    state.now = start + 60_000;
    state.linked = signatureCertificate(2);
    expect(await ask()).toMatchObject({ reason: 'signature-certificate-renewed' });
    expect(await ask(true)).toMatchObject({
      status: 'unchanged',
      comparedWith: { confirmedAt: start + 60_000, setBy: 'service' },
    });
  });
});

describe('the baseline that a bulk job reads', () => {
  it('is the certificate of the last confirmation, while it is the card’s and unexpired', async () => {
    const { state, ask, baseline } = await scene({ validUntil: start + day });
    await ask(true);
    state.linked = 'unavailable';
    const certificate = { issuerKeyId, serial: Buffer.of(1) };
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
