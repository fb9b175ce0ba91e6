import { engineLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import { DerError, enterWhole, tag } from './der.ts';
import { decodeExtension, extensionId } from './extensions.ts';
import { type GeneralName, readGeneralName } from './general-name.ts';
import { readOid } from './object-identifier.ts';

/** RFC 5280 §4.2.2.1. Locations in certificates are untrusted; this engine requests none of them. */
export interface AccessDescription {
  readonly method: string;
  readonly location: GeneralName;
}

export const ocspAccessMethod = '1.3.6.1.5.5.7.48.1';

export const authorityInfoAccessOf = (
  certificate: Certificate,
): readonly AccessDescription[] | undefined =>
  decodeExtension(certificate, extensionId.authorityInfoAccess, (value) => {
    const list = enterWhole(value);
    const descriptions: AccessDescription[] = [];
    while (!list.atEnd) {
      if (descriptions.length === engineLimits.accessDescriptions)
        throw new DerError('too many access descriptions');
      const fields = list.enter(tag.sequence);
      const method = readOid(fields);
      descriptions.push({ method, location: readGeneralName(fields) });
      fields.finish();
    }
    if (descriptions.length === 0) throw new DerError('empty authority information access');
    return descriptions;
  });
