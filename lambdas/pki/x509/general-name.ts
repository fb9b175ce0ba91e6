import { engineLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import {
  contextConstructed,
  contextPrimitive,
  decodeOid,
  DerError,
  DerReader,
  enterWhole,
  tag,
} from './der.ts';
import { decodeExtension, extensionId } from './extensions.ts';
import { isAscii, isUtf8 } from './name-string-preparation.ts';
import { type DistinguishedName, parseName } from './name.ts';
import { toLatin1 } from './octets.ts';
import { readOid } from './object-identifier.ts';

/** GeneralName (RFC 5280 §4.2.1.6), decoded as far as comparison needs. */
export type GeneralName =
  | { readonly form: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; readonly text: string }
  | { readonly form: 'directoryName'; readonly name: DistinguishedName }
  | { readonly form: 'iPAddress'; readonly octets: Uint8Array }
  /** Forms that this engine does not compare: the whole value, DER. */
  | {
      readonly form: 'otherName' | 'x400Address' | 'ediPartyName' | 'registeredID';
      readonly der: Uint8Array;
    };

export type GeneralNameForm = GeneralName['form'];

/** subjectAltName (RFC 5280 §4.2.1.6). */
export const subjectAltNamesOf = (certificate: Certificate): readonly GeneralName[] | undefined =>
  decodeExtension(certificate, extensionId.subjectAltName, (value) =>
    decodeGeneralNames(enterWhole(value)),
  );

/** issuerAltName (RFC 5280 §4.2.1.7). */
export const issuerAltNamesOf = (certificate: Certificate): readonly GeneralName[] | undefined =>
  decodeExtension(certificate, extensionId.issuerAltName, (value) =>
    decodeGeneralNames(enterWhole(value)),
  );

/** Reads the content of GeneralNames: one or more names. */
export function decodeGeneralNames(list: DerReader): readonly GeneralName[] {
  const names: GeneralName[] = [];
  while (!list.atEnd) {
    if (names.length === engineLimits.generalNames) throw new DerError('too many general names');
    names.push(readGeneralName(list));
  }
  if (names.length === 0) throw new DerError('empty general names');
  return names;
}

/** Reads the next value as a GeneralName. Throws `DerError`. */
export function readGeneralName(reader: DerReader): GeneralName {
  switch (reader.peek()) {
    case contextPrimitive(1):
      return { form: 'rfc822Name', text: ia5Text(reader.content(-1)) };
    case contextPrimitive(2):
      return { form: 'dNSName', text: ia5Text(reader.content(-1)) };
    case contextPrimitive(6):
      return { form: 'uniformResourceIdentifier', text: ia5Text(reader.content(-1)) };
    case contextPrimitive(7):
      return { form: 'iPAddress', octets: reader.content(-1) };
    case contextConstructed(4): {
      const wrapper = reader.enter(contextConstructed(4));
      const name = parseName(wrapper.element());
      wrapper.finish();
      return { form: 'directoryName', name };
    }
    case contextConstructed(0):
      return { form: 'otherName', der: readOtherName(reader) };
    case contextConstructed(3):
      return { form: 'x400Address', der: reader.element() };
    case contextConstructed(5):
      return { form: 'ediPartyName', der: readEdiPartyName(reader) };
    case contextPrimitive(8):
      return { form: 'registeredID', der: readRegisteredId(reader) };
    default:
      throw new DerError('unknown form of GeneralName');
  }
}

/** `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`, tagged [0]. */
function readOtherName(reader: DerReader): Uint8Array {
  const name = reader.element();
  const fields = enterWhole(name, contextConstructed(0));
  readOid(fields);
  const value = fields.enter(contextConstructed(0));
  fields.finish();
  value.element();
  value.finish();
  return name;
}

/** `nameAssigner [0] DirectoryString OPTIONAL, partyName [1] DirectoryString`, tagged [5]. */
function readEdiPartyName(reader: DerReader): Uint8Array {
  const name = reader.element();
  const fields = enterWhole(name, contextConstructed(5));
  fields.enterOptional(contextConstructed(0));
  fields.enter(contextConstructed(1));
  fields.finish();
  return name;
}

function readRegisteredId(reader: DerReader): Uint8Array {
  const name = reader.element();
  decodeOid(new DerReader(name).content(-1));
  return name;
}

/** id-on-SmtpUTF8Mailbox (RFC 9598 §3). */
const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9';

/** The mailbox of an SmtpUTF8Mailbox otherName; undefined for any other name. Throws `DerError`. */
export function internationalMailboxOf(name: GeneralName): string | undefined {
  if (name.form !== 'otherName') return undefined;
  const fields = enterWhole(name.der, contextConstructed(0));
  if (readOid(fields) !== smtpUtf8Mailbox) return undefined;
  const wrapper = fields.enter(contextConstructed(0));
  fields.finish();
  const octets = wrapper.content(tag.utf8String);
  wrapper.finish();
  if (!isUtf8(octets)) throw new DerError('UTF8String is not UTF-8');
  return Buffer.from(octets).toString('utf8');
}

function ia5Text(octets: Uint8Array): string {
  if (!isAscii(octets)) throw new DerError('IA5String with octets outside ASCII');
  return toLatin1(octets);
}
