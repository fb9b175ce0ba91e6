import { octetsCure } from '../../pki/diagnosis/octets-cure.ts';
import { type Certificate, parseCertificate } from '../../pki/x509/certificate.ts';
import { DerError } from '../../pki/x509/der.ts';
import { FieldErrors, type FieldError } from './problems.ts';

/**
 * Reads the field `intermediates`, base64 of DER. One that cannot be read might be the one that the path
 * needs: it is named, not left out.
 * @throws FieldErrors `request-invalid`, with every member that is no certificate
 */
export function readIntermediates(fields: readonly string[]): readonly Certificate[] {
  const errors: FieldError[] = [];
  const read = fields.flatMap((field, index) => {
    const der = Buffer.from(field, 'base64');
    try {
      return [parseCertificate(der)];
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      const detail = octetsCure(der, 'certificate') ?? error.message;
      errors.push({ pointer: `#/intermediates/${index}`, detail });
      return [];
    }
  });
  if (errors.length > 0) throw new FieldErrors('an intermediate is no certificate', errors);
  return read;
}
