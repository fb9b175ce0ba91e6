import { createPublicKey } from 'node:crypto';
import type { ChipRoot } from '../../../reader/core/cv-certificate.ts';
import { createCvAuthority, type CvAuthority } from '../../../sandbox/card/cv-authority.ts';
import {
  personalise,
  type ChipContents,
  type ChipOptions,
} from '../../../sandbox/card/personalise.ts';
import { VirtualCard, type CardBehaviour } from '../../../sandbox/card/virtual-card.ts';
import { createAuthority, generatePrivateKey } from '../../../sandbox/jlis/authority.ts';
import { issueCard, type CardRequest, type Office } from '../../../sandbox/jlis/card-life.ts';
import { generations, kinds } from '../../../sandbox/jlis/generations.ts';
import { emptyRegistry, type Card } from '../../../sandbox/jlis/registry.ts';

export const now = Date.parse('2026-11-20T03:00:00Z');

/** The issuing side: J-LIS's authorities of today and the sandbox's CV root. */
export interface Issuer {
  readonly office: Office;
  readonly cv: CvAuthority;
  readonly roots: readonly ChipRoot[];
}

export async function openIssuer(): Promise<Issuer> {
  const wanted = kinds.flatMap((kind) =>
    generations
      .filter(({ label }) => label === '2023' || label === 'next')
      .map((generation) => ({ kind, generation })),
  );
  const authorities = await Promise.all(
    wanted.map(async ({ kind, generation }) =>
      createAuthority(kind, generation, await generatePrivateKey(generation.keyType)),
    ),
  );
  const cv = await createCvAuthority();
  return {
    office: { registry: emptyRegistry(), authorities, now: () => now },
    cv,
    roots: [rootOf(cv)],
  };
}

export const rootOf = (cv: CvAuthority): ChipRoot => ({
  keyId: cv.rootKeyId,
  publicKey: createPublicKey(cv.rootPublicKey),
});

export interface IssuedCard {
  readonly issued: Card;
  readonly contents: ChipContents;
  /** The card as a thing: with the state of its own that a card has. */
  readonly card: VirtualCard;
}

export async function newCard(
  { office, cv }: Issuer,
  request: CardRequest = {},
  options: ChipOptions = {},
  behaviour: CardBehaviour = {},
): Promise<IssuedCard> {
  const issued = await issueCard(office, { signatureCertificate: false, ...request });
  const contents = await personalise(office, issued, cv, options);
  return { issued, contents, card: new VirtualCard(contents, behaviour) };
}
