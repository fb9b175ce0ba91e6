import { beforeEach, describe, expect, it } from '@jest/globals';
import { awaitLinks, importLinks } from '../../../lambdas/capabilities/links/operation.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { findLink } from '../../../lambdas/people/links.ts';
import { losingFirstRace } from '../../fakes/losing-first-race.ts';
import { a, certificate, portsWith } from '../../people/scene.ts';

let ports: ReturnType<typeof portsWith>;
const people: string[] = [];

beforeEach(async () => {
  ports = portsWith();
  people.length = 0;
  for (let n = 0; n < 30; n++) people.push(await identifyPerson(certificate(n), a, ports));
});

const rows = () => people.map((ppid, n) => ({ ppid, userNumber: `u${n}` }));
const write = { dryRun: false, replace: false };
const numberOf = async (ppid: string): Promise<string> =>
  (await findLink(ports, 'svc_a', { ppid })).userNumber;

describe('an import of links', () => {
  it('links every row, and the same rows again change nothing', async () => {
    expect((await importLinks(ports, 'svc_a', rows(), write)).counts).toEqual({ linked: 30 });
    expect((await importLinks(ports, 'svc_a', rows(), write)).counts).toEqual({ unchanged: 30 });
    expect(await numberOf(people[29]!)).toBe('u29');
  });

  it('refuses a row by its code and links the others; every row has its result', async () => {
    const stranger = { ppid: 'z'.repeat(32), userNumber: 'u99' };
    const results = await importLinks(ports, 'svc_a', [stranger, ...rows()], write);
    expect(results.counts).toEqual({ refused: 1, linked: 30 });
    expect(results.rows[0]).toEqual({ row: 0, outcome: 'refused', code: 'ppid-not-found' });
    expect(results.rows.map(({ row }) => row)).toEqual([...Array(31).keys()]);
  });

  it('gives two rows for one number to the first, whatever runs at once', async () => {
    const both = [
      { ppid: people[0]!, userNumber: 'same' },
      { ppid: people[1]!, userNumber: 'same' },
    ];
    const slow = { ...ports, store: losingFirstRace(ports.store) };
    const results = await importLinks(slow, 'svc_a', both, write);
    expect(results.rows.map(({ outcome }) => outcome)).toEqual(['linked', 'refused']);
    expect(await numberOf(people[0]!)).toBe('same');
  });

  it('writes nothing in a dry run, and returns the same result as the following run', async () => {
    const planned = await importLinks(ports, 'svc_a', rows(), { ...write, dryRun: true });
    await expect(numberOf(people[0]!)).rejects.toMatchObject({ code: 'link-not-found' });
    const done = await importLinks(ports, 'svc_a', rows(), write);
    expect(planned).toEqual({ ...done, dryRun: true });
  });

  it('stops when the store is unavailable, so that no row is reported as refused', async () => {
    const away = { ...ports, store: { ...ports.store, write: async () => false } };
    await expect(importLinks(away, 'svc_a', rows(), write)).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });
});

describe('numbers that are handed in', () => {
  it('wait once, also when one is named twice', async () => {
    const results = await awaitLinks(ports, 'svc_a', ['1', '2', '1'], { dryRun: false });
    expect(results.rows.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting', 'unchanged']);
  });
});
