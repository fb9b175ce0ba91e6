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
  readonly permitted: readonly GeneralName[] | undefined;
  readonly excluded: readonly GeneralName[] | undefined;
}

/** Every name of every following certificate is compared with each; see the comparison budget. */
const maximumSubtrees = 1024;

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

function readSubtrees(list: DerReader): readonly GeneralName[] {
  const bases: GeneralName[] = [];
  while (!list.atEnd) {
    if (bases.length === maximumSubtrees) throw new DerError('too many subtrees');
    const subtree = list.enter(tag.sequence);
    bases.push(readGeneralName(subtree));
    // RFC 5280 §4.2.1.10: minimum MUST be zero (and, as the default, is not encoded), maximum absent.
    if (subtree.peek() === contextPrimitive(0) || subtree.peek() === contextPrimitive(1)) {
      throw new DerError('subtree with minimum or maximum');
    }
    subtree.finish();
  }
  if (bases.length === 0) throw new DerError('empty subtrees');
  return bases;
}
