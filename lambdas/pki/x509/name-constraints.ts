import { engineLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import {
  contextConstructed,
  contextPrimitive,
  DerError,
  enterWhole,
  type DerReader,
  tag,
} from './der.ts';
import { decodeExtension, extensionId } from './extensions.ts';
import { type GeneralName, readGeneralName } from './general-name.ts';

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly Subtree[] | undefined;
  readonly excluded: readonly Subtree[] | undefined;
}

/** The base of a GeneralSubtree. `isBounded`: it has minimum or maximum, which RFC 5280 does not use. */
export type Subtree = GeneralName & { readonly isBounded?: true };

export const nameConstraintsOf = (certificate: Certificate): NameConstraints | undefined =>
  decodeExtension(certificate, extensionId.nameConstraints, decodeNameConstraints);

function decodeNameConstraints(value: Uint8Array): NameConstraints {
  const fields = enterWhole(value);
  // RFC 5280 §4.2.1.10: MUST NOT be an empty sequence.
  if (fields.atEnd) throw new DerError('empty name constraints');
  const permitted = fields.enterOptional(contextConstructed(0));
  const excluded = fields.enterOptional(contextConstructed(1));
  fields.finish();
  return {
    permitted: permitted && readSubtrees(permitted),
    excluded: excluded && readSubtrees(excluded),
  };
}

function readSubtrees(list: DerReader): readonly Subtree[] {
  const bases: Subtree[] = [];
  while (!list.atEnd) {
    if (bases.length === engineLimits.subtrees) throw new DerError('too many subtrees');
    const subtree = list.enter(tag.sequence);
    const base = readGeneralName(subtree);
    bases.push(readBounds(subtree) ? { ...base, isBounded: true } : base);
    subtree.finish();
  }
  if (bases.length === 0) throw new DerError('empty subtrees');
  return bases;
}

/** RFC 5280 §4.2.1.10: minimum MUST be zero (and, as the default, is not encoded), maximum absent. */
function readBounds(subtree: DerReader): boolean {
  const optional = (identifier: number): number | undefined =>
    subtree.peek() === identifier ? subtree.smallInteger(identifier) : undefined;
  const minimum = optional(contextPrimitive(0));
  if (minimum === 0) throw new DerError('default minimum must not be encoded');
  const maximum = optional(contextPrimitive(1));
  return minimum !== undefined || maximum !== undefined;
}
