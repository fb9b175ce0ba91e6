import { octetsCure } from '../../pki/diagnosis/octets-cure.ts';
import { type Certificate, parseCertificate } from '../../pki/x509/certificate.ts';
import { DerError } from '../../pki/x509/der.ts';
import { FieldErrors, type FieldError } from './problems.ts';

/**
 * Parses the field `intermediates`, base64 of DER. An unreadable certificate is an error and not
 * skipped, because the path might need it.
 * @throws FieldErrors `request-invalid`, listing every member that is not a certificate
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
  if (errors.length > 0)
    throw new FieldErrors(
      'send DER certificates in `intermediates`: a member is not a certificate',
      errors,
    );
  return read;
}
