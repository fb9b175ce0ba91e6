import type { KeyType } from '../pki/signing.ts';

export type Kind = 'user-authentication' | 'digital-signature';
export const kinds: readonly Kind[] = ['user-authentication', 'digital-signature'];

export type GenerationLabel = '2015' | '2019' | '2023' | 'next';

/**
 * One generation of an authority. The three RSA generations of a kind share one name (docs/jpki.md:
 * certificates); `next` is the authority of the next-generation card and of phones, with a separate
 * organisational unit.
 */
export interface Generation {
  readonly label: GenerationLabel;
  readonly keyType: KeyType;
  readonly notBefore: number;
  readonly notAfter: number;
  /** One generation has no SubjectKeyIdentifier: its issuer can be found by signature only. */
  readonly subjectKeyIdentifier: boolean;
}

const at = (text: string): number => Date.parse(`${text}+09:00`);

export const generations: readonly Generation[] = [
  {
    label: '2015',
    keyType: 'rsa-2048',
    notBefore: at('2015-09-27T00:00:00'),
    notAfter: at('2025-09-26T23:59:59'),
    subjectKeyIdentifier: true,
  },
  {
    label: '2019',
    keyType: 'rsa-2048',
    notBefore: at('2019-09-27T00:00:00'),
    notAfter: at('2029-09-26T23:59:59'),
    subjectKeyIdentifier: false,
  },
  {
    label: '2023',
    keyType: 'rsa-2048',
    notBefore: at('2023-09-27T00:00:00'),
    notAfter: at('2033-09-26T23:59:59'),
    subjectKeyIdentifier: true,
  },
  {
    label: 'next',
    keyType: 'P-384',
    notBefore: at('2024-04-01T00:00:00'),
    notAfter: at('2044-03-31T23:59:59'),
    subjectKeyIdentifier: true,
  },
];

export const anchorId = (kind: Kind, label: GenerationLabel): string => `${kind}-${label}`;

export const validAt = (generation: Generation, time: number): boolean =>
  generation.notBefore <= time && time <= generation.notAfter;

/** The newest RSA generation at a time, or `next`; undefined when none is valid. */
export const currentGeneration = (family: 'today' | 'next', time: number): Generation | undefined =>
  generations.findLast(
    (generation) =>
      (generation.label === 'next') === (family === 'next') && validAt(generation, time),
  );
