import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run as crlCommand } from '../../cli/crl.ts';
import { run as verifyCommand } from '../../cli/verify.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../sandbox/pki/build-ocsp.ts';
import { mutate } from '../fuzz/mutate.ts';
import { hours, makeRevocationPki, seconds } from '../vectors/revocation-pki.ts';

type Random = (below: number) => number;

/** A file of real life, and its kind. */
interface GivenFile {
  readonly kind: 'list' | 'response';
  readonly bytes: Buffer;
}

const { authority, otherGeneration, leaf } = makeRevocationPki();
const person = leaf();
const revoked = { serial: 4242, revokedAt: hours(-3), reason: 4 };
const listOf = (number: number, entries: readonly (typeof revoked)[], hoursAgo = 1): Buffer =>
  Buffer.from(
    buildCrl(
      {
        issuer: authority.name,
        thisUpdate: hours(-hoursAgo),
        nextUpdate: hours(24),
        entries: [...entries],
        extensions: [crlExtensions.crlNumber(number)],
      },
      authority.signer,
    ),
  );
/** Revokes the person; the one before it does not. */
const revoking = listOf(7, [revoked]);
const before = listOf(6, [], 2);
const response = buildOcspResponse(
  {
    responder: { byName: authority.name },
    producedAt: seconds(-60),
    responses: [
      {
        certId: buildCertId({
          issuerName: authority.name,
          issuerSpki: authority.spki,
          serial: 4242,
        }),
        status: { revokedAt: hours(-3), reason: 4 },
        thisUpdate: seconds(-60),
        nextUpdate: hours(1),
      },
    ],
  },
  authority.signer,
);

const armour = (label: string, der: Uint8Array): Buffer =>
  Buffer.from(
    `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`,
  );
const labels = { list: 'X509 CRL', response: 'OCSP RESPONSE' } as const;
const originals: readonly GivenFile[] = [
  { kind: 'list', bytes: revoking },
  { kind: 'response', bytes: response },
];

/** A mutant of a list or response that revokes the person: octets, tree, encoding, cuts, joins. */
export function mutatedGiven(random: Random): GivenFile {
  const { kind, bytes: original } = originals[random(originals.length)]!;
  let bytes: Buffer = random(3) === 0 ? mutate(original, random) : original;
  const encodings: readonly (() => Buffer)[] = [
    () => bytes,
    () => bytes,
    () => armour(labels[kind], bytes),
    () => armour(labels[kind], bytes),
    () => Buffer.concat([armour(labels.list, before), armour(labels[kind], bytes)]),
    () => Buffer.concat([before, bytes]),
    () => Buffer.concat([bytes, before]),
    () => Buffer.from(bytes.toString('base64')),
    () => Buffer.from(bytes.toString('hex')),
    () => Buffer.from(`\ufeff${armour(labels[kind], bytes).toString()}`, 'utf16le'),
    () => Buffer.from(bytes.toString('latin1'), 'utf8'),
    () => gzipSync(bytes),
    () => armour('CERTIFICATE', bytes),
  ];
  bytes = encodings[random(encodings.length)]!();
  for (let change = random(3); change > 0; change -= 1) {
    const at = random(bytes.length + 1);
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    const changes: readonly (() => Buffer)[] = [
      () => head,
      () => tail,
      () => Buffer.concat([head, tail.subarray(1 + random(40))]),
      () => Buffer.concat([head, Buffer.of(random(256)), tail]),
      () => Buffer.concat([head, Buffer.of(random(256)), tail.subarray(1)]),
      () => Buffer.concat([head, Buffer.from(['\n', '\r', '-', ' ', '\0'][random(5)]!), tail]),
      () => Buffer.concat([bytes, Buffer.alloc(1 + random(20))]),
      () => Buffer.concat([bytes, bytes]),
    ];
    bytes = changes[random(changes.length)]!();
  }
  return { kind, bytes };
}

/** Gives mutants to the commands, in a folder of its own. */
export function openGivenFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'mykey-given-'));
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const card = file('card.der', person.der);
  const anchor = file('anchor.der', authority.der);
  const intermediate = file('other.der', otherGeneration.der);
  const good = file('before.crl', before);
  const moment = hours(0).toISOString();

  /**
   * `mykey verify` with a good list of before and a mutant of what revokes the card. Something is said
   * of every mutant: it revokes, or the command refuses and names the file, or the verdict is not
   * `valid`; where it is, the report names the file and why it does not count.
   */
  async function lossInVerify({ kind, bytes }: GivenFile): Promise<string | undefined> {
    const path = file('mutant', bytes);
    const option = kind === 'list' ? '--crl' : '--ocsp';
    const given = ['--anchor', anchor, '--intermediate', intermediate, '--crl', good];
    const { status, text } = await printed(() =>
      verifyCommand([card, ...given, option, path, '--time', moment]),
    );
    if (status === 65) return text.includes(path) ? undefined : `65 without its name: ${text}`;
    if (status === 70) return `crash: ${text}`;
    if (status !== 0) return undefined;
    return text.includes(path) ? undefined : `valid, and not a word of the ${kind}`;
  }

  /** `mykey crl ingest`: loads the list as it was signed, or refuses it by a code. */
  async function lossInIngest({ bytes }: GivenFile): Promise<string | undefined> {
    const path = file('mutant.crl', bytes);
    const { status, text } = await printed(() =>
      crlCommand(['ingest', path, '--issuer', anchor, '--dry-run', '--at', moment, '--json']),
    );
    if (status === 0) {
      const whole = bytes.equals(revoking) ? 1 : bytes.equals(before) ? 0 : undefined;
      const { entries } = JSON.parse(text.split('\n')[0]!) as { entries: number };
      return entries === whole ? undefined : `${entries} entries of a list that nobody signed so`;
    }
    return /mykey crl: (?:crl|certificate)-[a-z-]+: \S/.test(text)
      ? undefined
      : `${status}: ${text}`;
  }

  return {
    lossInVerify,
    lossInIngest,
    close: () => rmSync(folder, { recursive: true }),
  };
}

async function printed(act: () => Promise<number>): Promise<{ status: number; text: string }> {
  const lines: string[] = [];
  const { log, error } = console;
  const write = process.stderr.write.bind(process.stderr);
  const say = (line: unknown): void => void lines.push(String(line));
  Object.assign(console, { log: say, error: say });
  process.stderr.write = () => true;
  try {
    return { status: await act(), text: lines.join('\n') };
  } finally {
    Object.assign(console, { log, error });
    process.stderr.write = write;
  }
}
