import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Terminal, Terminals } from '../../../lambdas/capabilities/terminals/terminal.ts';

const fresh = (serviceId = `svc_${randomBytes(8).toString('hex')}`): Terminal => ({
  serviceId,
  terminalId: `trm_${randomBytes(8).toString('hex')}`,
  name: 'Counter 1',
  createdAt: Date.UTC(2026, 10, 22),
  codeDigest: 'digest-of-code',
});

/** What every store of terminals must hold to. */
export function terminalsContract(open: () => Terminals): void {
  it('gives terminals back as they were written, to their service alone', async () => {
    const store = open();
    const [first, other] = [fresh(), fresh()];
    const second = fresh(first.serviceId);
    for (const terminal of [first, second, other]) await store.create(terminal);
    expect(await store.read(first.serviceId, first.terminalId)).toEqual(first);
    expect(await store.read(other.serviceId, first.terminalId)).toBeUndefined();
    const listed = await store.list(first.serviceId, 10);
    expect(listed).toHaveLength(2);
    expect(listed).toEqual(expect.arrayContaining([first, second]));
    expect(await store.list(first.serviceId, 1)).toHaveLength(1);
  });

  it('lets one of many concurrent calls pair a terminal, and none after it was removed', async () => {
    const store = open();
    const { codeDigest, ...terminal } = fresh();
    await store.create({ ...terminal, codeDigest: codeDigest! });
    const paired = await Promise.all(
      ['a', 'b', 'c'].map((tokenDigest) => store.pair({ ...terminal, tokenDigest }, codeDigest!)),
    );
    expect(paired.filter(Boolean)).toHaveLength(1);
    const { serviceId, terminalId } = terminal;
    expect(await store.remove(serviceId, terminalId)).toBe(true);
    expect(await store.remove(serviceId, terminalId)).toBe(false);
    expect(await store.pair({ ...terminal, tokenDigest: 'd' }, codeDigest!)).toBe(false);
    expect(await store.read(serviceId, terminalId)).toBeUndefined();
  });
}
