import type { IdentityKeys } from '../../people/identity-keys.ts';
import { seal, unseal, versionOf } from '../../people/seal.ts';
import { FieldErrors } from '../../platform/http/problems.ts';
import type { ResealPart } from './operation.ts';

/** A cursor is bound to its part: a position of one segment means nothing in another. */
const placeOf = (part: ResealPart) => ({
  pk: 'reseal-cursor',
  sk: part.part === 'records' ? `${part.segment}/${part.segments}` : part.part,
});

/** A position in the table, sealed: it names a record. */
export async function cursorOf(
  keys: IdentityKeys,
  part: ResealPart,
  position: unknown,
): Promise<string> {
  return Buffer.from(seal(await keys.index(), placeOf(part), { position })).toString('base64url');
}

/** @throws FieldErrors: not a cursor of this part under the current key version */
export async function openCursor(
  keys: IdentityKeys,
  part: ResealPart,
  cursor: string,
): Promise<unknown> {
  const sealed = Buffer.from(cursor, 'base64url');
  try {
    // A cursor of the previous version would continue a pass that another change began.
    if (versionOf(sealed) !== keys.versions[0]) throw new RangeError('another key version');
    const opened = unseal(await keys.index(), placeOf(part), sealed);
    return (opened as { readonly position: unknown }).position;
  } catch {
    throw new FieldErrors('a field does not fit', [
      { pointer: '#/cursor', detail: 'begin this part again without `cursor`' },
    ]);
  }
}
