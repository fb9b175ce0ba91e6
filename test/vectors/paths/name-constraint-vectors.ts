import { buildName, extension } from '../../../sandbox/pki/build-certificate.ts';
import {
  context,
  der,
  ia5String,
  octetString,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../../../sandbox/pki/der-writer.ts';
import { names, type PathVector } from './chain.ts';

const dns = (text: string): Buffer => der(0x82, Buffer.from(text, 'latin1'));
const mail = (text: string): Buffer => der(0x81, Buffer.from(text, 'latin1'));
const uri = (text: string): Buffer => der(0x86, Buffer.from(text, 'latin1'));
const ip = (...octets: readonly number[]): Buffer => der(0x87, Buffer.from(octets));
const directory = (name: Uint8Array): Buffer => context(4, name);
const otherName = (): Buffer => der(0xa0, oid('1.3.6.1.4.1.55555.3'), der(0xa0, der(0x05)));

/** SmtpUTF8Mailbox (RFC 9598 §3). */
const international = (text: string): Buffer =>
  der(0xa0, oid('1.3.6.1.5.5.7.8.9'), der(0xa0, utf8String(text)));

const subtrees = (n: 0 | 1, bases: readonly Buffer[]): Buffer[] =>
  bases.length > 0 ? [context(n, ...bases.map((base) => sequence(base)))] : [];

const constraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []) => ({
  nameConstraints: extension(
    '2.5.29.30',
    sequence(...subtrees(0, permitted), ...subtrees(1, excluded)),
    true,
  ),
});

/** A permitted subtree with a minimum (0x80) or maximum (0x81). */
const bounded = (field: 0x80 | 0x81, value: number) => ({
  nameConstraints: extension(
    '2.5.29.30',
    sequence(context(0, sequence(dns('example.com'), der(field, Buffer.of(value))))),
    true,
  ),
});

const alternatives = (...all: readonly Buffer[]) => ({
  subjectAltName: extension('2.5.29.17', sequence(...all)),
});

type Case = readonly [
  id: string,
  permitted: readonly Buffer[],
  excluded: readonly Buffer[],
  names: readonly Buffer[],
  passes: boolean,
];

const teletexString = (text: string): Buffer => der(0x14, Buffer.from(text, 'latin1'));
const organisation = (value: Buffer): Buffer => sequence(setOf(sequence(oid('2.5.4.10'), value)));

/** A subject with one emailAddress. */
const emailSubject = (text: string) => ({
  subject: sequence(setOf(sequence(oid('1.2.840.113549.1.9.1'), ia5String(text)))),
});

/** The authority has nameConstraints, the leaf subject alternative names. */
const cases: readonly Case[] = [
  ['dns/same-name', [dns('example.com')], [], [dns('example.com')], true],
  ['dns/label-added', [dns('example.com')], [], [dns('a.b.example.com')], true],
  ['dns/case-differs', [dns('Example.COM')], [], [dns('a.example.com')], true],
  ['dns/suffix-but-no-label', [dns('example.com')], [], [dns('notexample.com')], false],
  [
    'dns/second-name-outside',
    [dns('example.com')],
    [],
    [dns('example.com'), dns('example.org')],
    false,
  ],
  ['dns/excluded', [], [dns('example.com')], [dns('a.example.com')], false],
  ['dns/outside-the-excluded', [], [dns('a.example.com')], [dns('b.example.com')], true],
  [
    'dns/excluded-outweighs-permitted',
    [dns('example.com')],
    [dns('example.com')],
    [dns('example.com')],
    false,
  ],
  ['dns/wildcard-within', [dns('example.com')], [], [dns('*.example.com')], true],
  ['dns/wildcard-over-excluded', [], [dns('a.example.com')], [dns('*.example.com')], false],
  ['dns/wildcard-over-permitted', [dns('a.example.com')], [], [dns('*.example.com')], false],
  [
    'dns/wildcard-over-excluded-in-other-case',
    [],
    [dns('a.example.com')],
    [dns('*.EXAMPLE.com')],
    false,
  ],
  [
    'dns/wildcard-two-labels-above-excluded',
    [],
    [dns('b.a.example.com')],
    [dns('*.example.com')],
    true,
  ],
  ['dns/constraint-with-leading-period', [dns('.example.com')], [], [dns('a.example.com')], false],
  [
    'dns/constraint-with-leading-period-and-one-that-permits',
    [dns('.example.com'), dns('example.com')],
    [],
    [dns('a.example.com')],
    true,
  ],
  [
    'dns/excluded-with-leading-period-and-one-that-permits',
    [dns('example.com')],
    [dns('.example.org')],
    [dns('a.example.com')],
    false,
  ],
  ['dns/constraint-with-wildcard', [dns('*.example.com')], [], [dns('a.example.com')], false],
  ['dns/name-with-leading-period', [dns('example.com')], [], [dns('.example.com')], false],
  ['dns/name-with-nul', [dns('example.com')], [], [dns('evil.org\0.example.com')], false],
  [
    'dns/another-form-is-unconstrained',
    [ip(192, 0, 2, 0, 255, 255, 255, 0)],
    [],
    [dns('example.com')],
    true,
  ],
  ['mail/mailbox', [mail('taro@example.com')], [], [mail('taro@example.com')], true],
  [
    'mail/local-part-is-case-sensitive',
    [mail('taro@example.com')],
    [],
    [mail('Taro@example.com')],
    false,
  ],
  [
    'mail/host-is-case-insensitive',
    [mail('taro@example.com')],
    [],
    [mail('taro@EXAMPLE.com')],
    true,
  ],
  ['mail/host', [mail('example.com')], [], [mail('taro@example.com')], true],
  ['mail/host-not-its-subdomain', [mail('example.com')], [], [mail('taro@a.example.com')], false],
  ['mail/domain', [mail('.example.com')], [], [mail('taro@a.example.com')], true],
  [
    'mail/domain-not-the-host-itself',
    [mail('.example.com')],
    [],
    [mail('taro@example.com')],
    false,
  ],
  ['mail/empty-permits-nothing', [mail('')], [], [mail('taro@example.com')], false],
  ['mail/empty-excludes-all', [], [mail('')], [mail('taro@example.com')], false],
  ['mail/two-at-signs', [mail('example.com')], [], [mail('a@b@example.com')], false],
  ['uri/host', [uri('www.example.com')], [], [uri('https://www.example.com:8443/a?b')], true],
  ['uri/another-host', [uri('www.example.com')], [], [uri('https://www.example.org/')], false],
  [
    'uri/host-in-user-part',
    [uri('www.example.com')],
    [],
    [uri('https://www.example.com@evil.org/')],
    false,
  ],
  ['uri/empty-permits-nothing', [uri('')], [], [uri('https://www.example.com/')], false],
  ['dns/empty-permits-all', [dns('')], [], [dns('example.com')], true],
  ['uri/domain', [uri('.example.com')], [], [uri('http://a.b.example.com/')], true],
  [
    'uri/domain-not-the-host-itself',
    [uri('.example.com')],
    [],
    [uri('http://example.com/')],
    false,
  ],
  [
    'uri/backslash-in-user-part',
    [uri('www.example.com')],
    [],
    [uri('https://evil.org\\@www.example.com/')],
    false,
  ],
  ['uri/without-authority', [uri('.example.com')], [], [uri('urn:example:a')], false],
  ['uri/ip-address-as-host', [], [uri('.example.com')], [uri('http://192.0.2.1/')], false],
  ['ip/within', [ip(192, 0, 2, 0, 255, 255, 255, 0)], [], [ip(192, 0, 2, 7)], true],
  ['ip/outside', [ip(192, 0, 2, 0, 255, 255, 255, 0)], [], [ip(192, 0, 3, 7)], false],
  ['ip/excluded', [], [ip(192, 0, 2, 0, 255, 255, 255, 0)], [ip(192, 0, 2, 7)], false],
  ['ip/mask-with-holes', [ip(192, 0, 2, 0, 255, 0, 255, 0)], [], [ip(192, 0, 2, 7)], false],
  ['ip/constraint-without-mask', [ip(192, 0, 2, 7)], [], [ip(192, 0, 2, 7)], false],
  [
    'ip/name-with-mask',
    [ip(192, 0, 2, 0, 255, 255, 255, 0)],
    [],
    [ip(192, 0, 2, 0, 255, 255, 255, 0)],
    false,
  ],
  [
    'directory/alternative-within',
    [directory(buildName(['C', 'JP']))],
    [],
    [directory(names.leaf)],
    true,
  ],
  [
    'directory/alternative-outside',
    [directory(buildName(['C', 'JP']))],
    [],
    [directory(buildName(['C', 'US']))],
    false,
  ],
  [
    'directory/excluded',
    [],
    [directory(buildName(['C', 'US']))],
    [directory(buildName(['C', 'US'], ['CN', 'x']))],
    false,
  ],
  [
    'directory/excluded-in-a-string-of-unknown-alphabet',
    [],
    [directory(organisation(teletexString('Example')))],
    [directory(organisation(utf8String('Example')))],
    false,
  ],
  [
    'directory/excluded-string-of-unknown-alphabet-of-another-attribute',
    [],
    [directory(organisation(teletexString('Example')))],
    [directory(buildName(['CN', 'Example']))],
    true,
  ],
  [
    'directory/excluded-in-a-value-that-is-no-text',
    [],
    [directory(organisation(octetString(Buffer.from('Example'))))],
    [directory(organisation(utf8String('Example')))],
    false,
  ],
  [
    'directory/permitted-in-a-string-of-unknown-alphabet',
    [directory(organisation(teletexString('Example')))],
    [],
    [directory(organisation(utf8String('Example')))],
    false,
  ],
  ['other/form-absent', [], [otherName()], [dns('example.com')], true],
  ['other/form-not-understood', [], [otherName()], [otherName()], false],
  ['other/mailbox/host', [mail('example.com')], [], [international('tarō@example.com')], true],
  [
    'other/mailbox/another-host',
    [mail('example.com')],
    [],
    [international('tarō@example.org')],
    false,
  ],
  [
    'other/mailbox/excluded-host',
    [],
    [mail('example.com')],
    [international('tarō@example.com')],
    false,
  ],
  ['other/mailbox/domain', [mail('.example.com')], [], [international('tarō@a.example.com')], true],
  [
    'other/mailbox/constraint-of-one-mailbox',
    [],
    [mail('taro@example.com')],
    [international('tarō@example.com')],
    false,
  ],
  [
    'other/mailbox/constraint-of-another-mailbox-of-the-host',
    [],
    [mail('taro@example.com')],
    [international('hanako@example.com')],
    false,
  ],
  [
    'other/mailbox/constraint-of-a-mailbox-of-another-host',
    [],
    [mail('taro@example.com')],
    [international('tarō@example.org')],
    true,
  ],
  [
    'other/mailbox/host-that-lower-case-makes-ascii',
    [mail('k.example.com')],
    [],
    [international('taro@\u212a.example.com')],
    false,
  ],
  [
    'mail/excluded-with-a-control-character',
    [],
    [mail('taro@example.com')],
    [mail('ta\0ro@example.com')],
    false,
  ],
  [
    'other/mailbox/host-beyond-ascii',
    [],
    [mail('example.com')],
    [international('tarō@例え.jp')],
    false,
  ],
  [
    'other/mailbox/without-constraints-on-mailboxes',
    [dns('example.com')],
    [],
    [international('tarō@例え.jp')],
    true,
  ],
];

/** RFC 5280 §4.2.1.10 and §6.1.3 (b), (c), in every form. */
export const nameConstraintVectors: readonly PathVector[] = [
  {
    id: 'name-constraints/excluded-by-the-anchor',
    clause: 'RFC 5937 §3.2',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      root: {
        extensions: {
          constraints: extension(
            '2.5.29.30',
            sequence(context(1, sequence(dns('example.com')))),
            true,
          ),
        },
      },
      leaf: {
        extensions: {
          names: extension('2.5.29.17', sequence(dns('person.example.com'))),
        },
      },
    },
  },
  ...cases.map(([id, permitted, excluded, leafNames, passes]): PathVector => ({
    id: `name-constraints/${id}`,
    clause: '§4.2.1.10',
    expected: passes ? 'valid' : 'certificate-path-invalid',
    ...(!passes && { check: 'name-constraints' }),
    differs: {
      authority: { extensions: constraints(permitted, excluded) },
      leaf: { extensions: alternatives(...leafNames) },
    },
  })),
  {
    id: 'name-constraints/directory/subject-outside',
    clause: '§4.2.1.10',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: { authority: { extensions: constraints([directory(buildName(['C', 'US']))]) } },
  },
  {
    id: 'name-constraints/directory/subject-within-by-other-case',
    clause: '§4.2.1.10, §7.1',
    expected: 'valid',
    differs: { authority: { extensions: constraints([directory(buildName(['C', 'jp']))]) } },
  },
  {
    id: 'name-constraints/mail/in-the-subject',
    clause: '§4.2.1.10',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([mail('example.com')]) },
      leaf: emailSubject('taro@example.org'),
    },
  },
  {
    id: 'name-constraints/mail/in-the-subject-with-a-permitted-alternative',
    clause: '§4.2.1.10',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([mail('example.com')]) },
      leaf: {
        ...emailSubject('taro@example.org'),
        extensions: alternatives(mail('taro@example.com')),
      },
    },
  },
  {
    id: 'name-constraints/mail/in-the-subject-excluded-in-other-case',
    clause: '§4.1.2.6',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([], [mail('taro@example.com')]) },
      leaf: emailSubject('Taro@example.com'),
    },
  },
  {
    id: 'name-constraints/mail/in-the-subject-permitted-in-other-case',
    clause: '§7.5',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([mail('taro@example.com')]) },
      leaf: emailSubject('Taro@example.com'),
    },
  },
  {
    id: 'name-constraints/of-the-anchor',
    clause: 'RFC 5937 §3.2',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      root: { extensions: constraints([dns('example.com')]) },
      leaf: { extensions: alternatives(dns('example.org')) },
    },
  },
  {
    id: 'name-constraints/larger-subtree-below-has-no-effect',
    clause: '§6.1.4 (g)(1)',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([dns('a.example.com')]) },
      between: [{ extensions: constraints([dns('example.com')]) }],
      leaf: { extensions: alternatives(dns('b.example.com')) },
    },
  },
  {
    id: 'name-constraints/self-issued-ca-is-exempt',
    clause: '§6.1.3 (b)',
    expected: 'valid',
    differs: {
      authority: { extensions: constraints([dns('example.com')]) },
      between: [{ subject: names.authority, extensions: alternatives(dns('example.org')) }],
    },
  },
  {
    id: 'name-constraints/self-issued-leaf-is-not-exempt',
    clause: '§6.1.3 (b)',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: constraints([dns('example.com')]) },
      leaf: { subject: names.authority, extensions: alternatives(dns('example.org')) },
    },
  },
  {
    id: 'name-constraints/empty',
    clause: '§4.2.1.10',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      authority: { extensions: { nameConstraints: extension('2.5.29.30', sequence(), true) } },
    },
  },
  {
    id: 'name-constraints/with-minimum-of-a-form-that-appears',
    clause: '§4.2.1.10',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: bounded(0x80, 1) },
      leaf: { extensions: alternatives(dns('example.com')) },
    },
  },
  {
    id: 'name-constraints/with-maximum-of-a-form-that-appears',
    clause: '§4.2.1.10',
    expected: 'certificate-path-invalid',
    check: 'name-constraints',
    differs: {
      authority: { extensions: bounded(0x81, 99) },
      leaf: { extensions: alternatives(dns('example.com')) },
    },
  },
  {
    id: 'name-constraints/with-maximum-of-a-form-that-does-not',
    clause: '§4.2.1.10',
    expected: 'valid',
    differs: { authority: { extensions: bounded(0x81, 99) } },
  },
  {
    id: 'name-constraints/with-explicit-minimum-zero',
    clause: '§4.2.1.10, X.690 §11.5',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { authority: { extensions: bounded(0x80, 0) } },
  },
];
