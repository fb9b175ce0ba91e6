import { describe, expect, it } from '@jest/globals';
import { readConsents, recordConsent, withdrawConsent } from '../../lambdas/people/consents.ts';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import { a, b, certificate, now, portsWith } from './scene.ts';

async function scene() {
  const people = portsWith();
  const at = (time: number) => ({ ...people, now: time });
  const ppid = await identifyPerson(certificate(1), a, people);
  const terms = (version: string, kind: 'consent' | 'notice' = 'consent') => ({
    ppid,
    document: 'terms',
    version,
    kind,
  });
  return { people, at, ppid, terms };
}

describe('consents of a person at a service', () => {
  it('are recorded by version, once each, and read back', async () => {
    const { people, at, ppid, terms } = await scene();
    await recordConsent(at(now), a.serviceId, terms('1'));
    await recordConsent(at(now + 1), a.serviceId, terms('1'));
    await recordConsent(at(now + 2), a.serviceId, terms('2'));
    await recordConsent(at(now + 3), a.serviceId, terms('1', 'notice'));
    expect(await readConsents(people, a.serviceId, ppid)).toEqual([
      { kind: 'consent', document: 'terms', version: '1', recordedAt: now },
      { kind: 'consent', document: 'terms', version: '2', recordedAt: now + 2 },
      { kind: 'notice', document: 'terms', version: '1', recordedAt: now + 3 },
    ]);
  });

  it('stay with the time of their withdrawal, and can be given again', async () => {
    const { at, ppid, terms } = await scene();
    await recordConsent(at(now), a.serviceId, terms('1'));
    await recordConsent(at(now), a.serviceId, terms('1', 'notice'));
    const text = { ppid, document: 'terms' };
    await withdrawConsent(at(now + 1), a.serviceId, text);
    // Again: the time stays.
    await withdrawConsent(at(now + 2), a.serviceId, text);
    const after = await recordConsent(at(now + 3), a.serviceId, terms('1'));
    expect(
      after.map(({ kind, recordedAt, withdrawnAt }) => [kind, recordedAt, withdrawnAt]),
    ).toEqual([
      ['consent', now, now + 1],
      ['notice', now, undefined],
      ['consent', now + 3, undefined],
    ]);
  });

  it('are the service’s own: another does not find the PPID', async () => {
    const { people, terms } = await scene();
    await expect(recordConsent(people, b.serviceId, terms('1'))).rejects.toMatchObject({
      code: 'ppid-not-found',
    });
  });

  it('cannot be withdrawn from a text that the person never consented to', async () => {
    const { people, ppid, terms } = await scene();
    await recordConsent(people, a.serviceId, terms('1', 'notice'));
    await expect(
      withdrawConsent(people, a.serviceId, { ppid, document: 'terms' }),
    ).rejects.toMatchObject({ code: 'consent-not-found' });
  });

  it('are bounded, and nothing recorded is dropped for it', async () => {
    const { people, ppid, terms } = await scene();
    for (let version = 0; version < peopleLimits.consentsPerPerson; version++)
      await recordConsent(people, a.serviceId, terms(String(version)));
    await expect(recordConsent(people, a.serviceId, terms('more'))).rejects.toMatchObject({
      code: 'consents-full',
    });
    expect(await readConsents(people, a.serviceId, ppid)).toHaveLength(
      peopleLimits.consentsPerPerson,
    );
  });

  it('are disclosed to the person, and leave logins as they were', async () => {
    const { people, ppid, terms } = await scene();
    await recordConsent(people, a.serviceId, terms('1'));
    const { value } = (await personOfPpid(people, a.serviceId, ppid))!;
    const [service] = (await discloseTo(people, value)).services;
    expect(service!.consents).toEqual([
      { kind: 'consent', document: 'terms', version: '1', recordedAt: now },
    ]);
    expect(await identifyPerson(certificate(1), a, people)).toBe(ppid);
  });
});
