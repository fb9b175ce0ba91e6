import { MyKeyError } from '../errors.ts';
import type { AlgorithmPolicy } from '../pki/algorithm-policy.ts';
import type { OcspResponder, TrustAnchor, TrustProfile } from '../pki/trust-profile.ts';
import type { CertificateKindRules } from '../pki/validation/certificate-kind.ts';
import { parseCertificate } from '../pki/x509/certificate.ts';

/**
 * Reads the JSON form. Binary values are base64, times are milliseconds. Throws
 * `MyKeyError('request-invalid')` naming the field that is missing, of another type, or unknown.
 */
export function parseTrustProfile(json: unknown): TrustProfile {
  const profile = new Field('trustProfile', json);
  const anchors = profile.at('anchors').items().map(parseAnchor);
  const ids = new Set(anchors.map((anchor) => anchor.id));
  if (ids.size !== anchors.length) profile.at('anchors').refuse('names two anchors alike');
  const anchorId = (field: Field): string => {
    const id = field.text();
    return ids.has(id) ? id : field.refuse('names no anchor');
  };
  return {
    name: profile.at('name').oneOf(['sandbox', 'jpki-test', 'jpki-production']),
    anchors,
    kinds: {
      'user-authentication': parseKindRules(profile.at('kinds').at('user-authentication')),
      'digital-signature': parseKindRules(profile.at('kinds').at('digital-signature')),
    },
    algorithms: parseAlgorithms(profile.at('algorithms')),
    clockSkewMs: profile.at('clockSkewMs').count(),
    crlMaxAgeMs: profile.at('crlMaxAgeMs').count(),
    ocspMaxAgeMs: profile.at('ocspMaxAgeMs').count(),
    ocspResponders: profile
      .at('ocspResponders')
      .items()
      .map((item) => ({ anchorId: anchorId(item.at('anchorId')), ...parseResponder(item) })),
    crlSources: profile
      .at('crlSources')
      .items()
      .map((item) => ({
        id: item.at('id').text(),
        anchorId: anchorId(item.at('anchorId')),
        url: item.at('url').listUrl(),
        ...(item.at('distributionPoint').isAbsent
          ? {}
          : { distributionPoint: item.at('distributionPoint').base64() }),
      })),
    linkageUrl: profile.at('linkageUrl').text(),
    ...(profile.at('chipRoots').isAbsent
      ? {}
      : {
          chipRoots: profile
            .at('chipRoots')
            .items()
            .map((item) => ({
              keyId: item.at('keyId').text(),
              publicKey: item.at('publicKey').base64(),
            })),
        }),
  };
}

const kindNames = ['user-authentication', 'digital-signature'] as const;

function parseAnchor(field: Field): TrustAnchor {
  return {
    id: field.at('id').text(),
    kind: field.at('kind').oneOf(kindNames),
    certificate: parseCertificate(field.at('certificate').base64()),
  };
}

function parseResponder(field: Field): Omit<OcspResponder, 'anchorId'> {
  const hash = field.at('certIdHash');
  const nonce = field.at('nonce');
  const certificates = field.at('certificates');
  return {
    url: field.at('url').text(),
    ...(hash.isAbsent
      ? {}
      : { certIdHash: hash.oneOf(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) }),
    ...(nonce.isAbsent ? {} : { nonce: nonce.oneOf(['required', 'optional', 'none']) }),
    ...(certificates.isAbsent
      ? {}
      : { certificates: certificates.items().map((item) => parseCertificate(item.base64())) }),
  };
}

function parseKindRules(field: Field): CertificateKindRules {
  return {
    policies: field.at('policies').texts(),
    keyUsage: field
      .at('keyUsage')
      .items()
      .map((item) => item.oneOf(['digitalSignature', 'nonRepudiation'])),
    ...(field.at('extendedKeyUsage').isAbsent
      ? {}
      : { extendedKeyUsage: field.at('extendedKeyUsage').text() }),
  };
}

function parseAlgorithms(field: Field): AlgorithmPolicy {
  return {
    minimumRsaBits: field.at('minimumRsaBits').count(),
    ...(field.at('minimumDsaBits').isAbsent
      ? {}
      : { minimumDsaBits: field.at('minimumDsaBits').count() }),
    curves: field
      .at('curves')
      .items()
      .map((item) => item.oneOf(['P-256', 'P-384', 'P-521', 'Ed25519'])),
    hashes: field
      .at('hashes')
      .items()
      .map((item) => item.oneOf(['MD5', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'])),
  };
}

function listUrlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL';
  const { protocol, hostname, pathname, search, username, password } = new URL(text);
  if (!['http:', 'https:', 'ldap:', 'ldaps:', 's3:'].includes(protocol)) {
    return `begins with ${protocol}, and lists come by http:, https:, ldap:, ldaps: or s3:`;
  }
  if (username !== '' || password !== '') return 'holds credentials';
  if (hostname === '') return 'names no host';
  if (!isEncoded(pathname) || !isEncoded(search)) return 'has a % that encodes nothing';
  if (protocol === 's3:')
    return pathname.length > 1 ? undefined : 'names no object: s3://bucket/key';
  return protocol.startsWith('ldap') ? ldapUrlFault(pathname, search) : undefined;
}

/** RFC 4516 §2: ldap://host/dn?attributes?scope?filter?extensions; one attribute of one entry. */
function ldapUrlFault(pathname: string, search: string): string | undefined {
  if (!decodeURIComponent(pathname.slice(1)).includes('=')) {
    return 'names no entry: ldap://host/dn?attribute';
  }
  const [attributes = '', scope = '', filter = '', extensions = ''] = search.slice(1).split('?');
  if (attributes.includes(',')) return 'asks for several attributes';
  if (scope !== '' && scope.toLowerCase() !== 'base') return 'asks for more than one entry';
  if (filter !== '' && !/^\(objectclass=\*\)$/i.test(decodeURIComponent(filter))) {
    return 'has a filter';
  }
  return extensions.startsWith('!') ? 'has a critical extension' : undefined;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** One value of the JSON and where it stands, so that a refusal can name it. */
class Field {
  readonly path: string;
  readonly value: unknown;

  constructor(path: string, value: unknown) {
    this.path = path;
    this.value = value;
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  refuse(why: string): never {
    throw new MyKeyError('request-invalid', `${this.path} ${why}`);
  }

  at(name: string): Field {
    const { value } = this;
    if (typeof value !== 'object' || value === null) return this.refuse('is not an object');
    const found = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new Field(`${this.path}.${name}`, found);
  }

  items(): readonly Field[] {
    if (!Array.isArray(this.value)) return this.refuse('is not a list');
    return this.value.map((item: unknown, index) => new Field(`${this.path}[${index}]`, item));
  }

  text(): string {
    if (typeof this.value !== 'string' || this.value === '') return this.refuse('is not a text');
    return this.value;
  }

  /** Somewhere that a list can be fetched from, told when the profile is read and not at night. */
  listUrl(): string {
    const text = this.text();
    const why = listUrlFault(text);
    return why === undefined ? text : this.refuse(why);
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text());
  }

  count(): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0) {
      return this.refuse('is not a non-negative whole number');
    }
    return this.value as number;
  }

  oneOf<const T extends string>(names: readonly T[]): T {
    const found = names.find((name) => name === this.value);
    return found ?? this.refuse(`is none of ${names.join(', ')}`);
  }

  base64(): Uint8Array {
    const text = this.text();
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) {
      return this.refuse('is not base64');
    }
    return new Uint8Array(Buffer.from(text, 'base64'));
  }
}
