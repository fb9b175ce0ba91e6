import { expect, it } from '@jest/globals';
import {
  sameCertificate,
  type CertificateReference,
} from '../../../lambdas/people/certificate-reference.ts';
import type { Linkage } from '../../../lambdas/people/linkage.ts';

/** An adapter before a linkage service of which these answers are known. */
export interface LinkageUnderTest {
  readonly linkage: Linkage;
  /** Nothing came before it; its card has no signature certificate. */
  readonly first: CertificateReference;
  /** It replaced `first`; its card has this signature certificate. */
  readonly renewed: CertificateReference;
  readonly signature: CertificateReference;
  /** It stands beside `first`, as a phone does. */
  readonly beside: CertificateReference;
  /** The service never heard of it. */
  readonly unknown: CertificateReference;
  /** What the service does from now on. */
  readonly become: (state: 'running' | 'failing' | 'silent' | 'garbled' | 'gone') => Promise<void>;
}

/** What every adapter of a linkage service must hold to, a deployment's own included. */
export function linkageContract(open: () => LinkageUnderTest): void {
  const patience = 2_000;
  const unavailable = { code: 'linkage-unavailable' };

  it('reports renewed, concurrent and first certificates', async () => {
    const { linkage, first, renewed, beside } = open();
    const before = await linkage.predecessorOf(renewed, patience);
    expect(before?.relation).toBe('renewed');
    expect(sameCertificate(before!.reference, first)).toBe(true);
    const companion = await linkage.predecessorOf(beside, patience);
    expect(companion?.relation).toBe('beside');
    expect(sameCertificate(companion!.reference, first)).toBe(true);
    expect(await linkage.predecessorOf(first, patience)).toBeUndefined();
  });

  it('returns the signature certificate of a card, or why there is none', async () => {
    const { linkage, first, renewed, signature } = open();
    const linked = await linkage.signatureCertificateOf(renewed, patience);
    expect(linked.reference && sameCertificate(linked.reference, signature)).toBe(true);
    expect(await linkage.signatureCertificateOf(first, patience)).toEqual({
      reference: undefined,
      reason: expect.stringMatching(/^[a-z-]+$/),
    });
  });

  it('gives the same answer however often and in whatever order it is asked', async () => {
    const { linkage, first, renewed } = open();
    const asked = [renewed, first, renewed, renewed, first];
    const answers = await Promise.all(asked.map((one) => linkage.predecessorOf(one, patience)));
    expect(answers.map((answer) => answer !== undefined)).toEqual([true, false, true, true, false]);
  });

  it('is unavailable for a certificate that the service does not know: that is no first one', async () => {
    const { linkage, unknown } = open();
    await expect(linkage.predecessorOf(unknown, patience)).rejects.toMatchObject(unavailable);
  });

  it.each(['failing', 'garbled', 'gone'] as const)(
    'is unavailable, never "nothing came before", while the service is %s; then answers again',
    async (state) => {
      const { linkage, first, renewed, become } = open();
      await become(state);
      for (const asked of [first, renewed]) {
        await expect(linkage.predecessorOf(asked, patience)).rejects.toMatchObject(unavailable);
        await expect(linkage.signatureCertificateOf(asked, patience)).rejects.toMatchObject(
          unavailable,
        );
      }
      await become('running');
      expect((await linkage.predecessorOf(renewed, patience))?.relation).toBe('renewed');
    },
  );

  it('is unavailable within its time when the service never answers', async () => {
    const { linkage, first, become } = open();
    await become('silent');
    const began = performance.now();
    await expect(linkage.predecessorOf(first, 200)).rejects.toMatchObject(unavailable);
    expect(performance.now() - began).toBeLessThan(1_500);
    await become('running');
  });
}
