import { verify, X509Certificate } from 'node:crypto';
import { validateUnderProfile } from '../lambdas/pki/validation/validate-under-profile.ts';
import { parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { verifyChallengeSignature } from '../lambdas/pki/x509/challenge-signature.ts';
import { toBase64 } from '../lambdas/pki/x509/octets.ts';
import { withoutStackTraces } from '../lambdas/pki/x509/without-stack-traces.ts';
import { type BenchmarkCard, type BenchmarkMaterial, benchmarkMaterial } from './validate/cards.ts';
import { microsecondsPerCall } from './validate/measure.ts';
import { jdkMicroseconds, opensslMicroseconds } from './validate/rivals.ts';

const seenLately = 48;
/** More than the engine's cache holds (96 at most); of the smaller number, all remain cached. */
const keys = 100;
/**
 * More than the JDK's cache of parsed certificates (750) and the engine's of signatures (1,024 at
 * most).
 */
const strangers = 2400;

/**
 * Complete validation of one user-authentication certificate, warm: parsing, path under one of
 * three authorities of the same name, kind and policy, challenge signature, revocation by a list in
 * memory, report. Measured for cards whose certificate this process validated a short time ago (path
 * and imported key are cached; parsing, validity period, kind, challenge signature and revocation are
 * not), for new certificates of imported keys, and for unknown cards. Compared with the
 * minimum for a first validation (two signature verifications) and with the alternatives that a
 * user would choose.
 */
export async function run(): Promise<void> {
  const material = await benchmarkMaterial(strangers, keys);
  const { cards } = material;
  const seen = cards.slice(0, seenLately);
  const renewed = cards.filter((_, index) => index % keys < seenLately);
  const certificateOf = (index: number) => cards[index % cards.length]!.certificate;
  const validation = (among: readonly BenchmarkCard[], calls: number) => ({
    call: (index: number) => validateOne(material, among[index % among.length]!),
    calls,
  });
  const freshSignatures = bareSignaturesOfUnknown(material);
  const [bare, fresh, reading, coldFresh, ofSeen, ofRenewed, ofStrangers, parsing, x509] =
    (await microsecondsPerCall(
      { call: bareSignatures(material), calls: 960 },
      { call: freshSignatures, calls: strangers },
      { call: readOtherMemory, calls: 960 },
      {
        call: (index) => {
          readOtherMemory();
          freshSignatures(index);
        },
        calls: 960,
      },
      validation(seen, 1920),
      validation(renewed, renewed.length),
      validation(cards, strangers),
      { call: (index) => void parseCertificate(certificateOf(index)), calls: 8000 },
      { call: (index) => void new X509Certificate(certificateOf(index)), calls: 1600 },
    )) as [number, number, number, number, number, number, number, number, number];
  const rate = (whole: number, target = '') => `${rateOf(bare, whole)}${target}`;
  line('two bare crypto.verify calls, keys imported', bare, 'the targets refer to this line');
  line(
    'the same, the card’s key imported for each',
    fresh,
    `${rateOf(bare, fresh)}: the bound for unknown cards, as nobody has their keys imported`,
  );
  line(
    'the same, with other data in the caches of the core',
    coldFresh - reading,
    `${rateOf(bare, coldFresh - reading)}: ${otherMemory.length / 1024} KiB read before each, not counted`,
  );
  line(`full validation, ${seenLately} cards seen lately`, ofSeen, rate(ofSeen, ' (target 0.80)'));
  line('the same, new certificates of keys imported', ofRenewed, rate(ofRenewed));
  line(
    'the same, cards of which nothing is known',
    ofStrangers,
    rate(ofStrangers, ` (target 0.55), ${(fresh / ofStrangers).toFixed(2)} of that bound`),
  );
  line('parseCertificate', parsing, `${(x509 / parsing).toFixed(1)} times as fast (target 5)`);
  line('new X509Certificate', x509);
  const openssl = opensslMicroseconds(material);
  const jdkSeen = jdkMicroseconds(material, seen);
  const jdkStrangers = jdkMicroseconds(material, cards);
  rival('openssl verify -crl_check, per certificate of a batch', openssl, ofStrangers, 'unknown');
  const jdk = 'JDK PKIX validator and challenge signature, warm';
  rival(jdk, jdkSeen, ofSeen, 'seen');
  rival(jdk, jdkStrangers, ofStrangers, 'unknown');
}

function bareSignatures({ cards, challenge, issuer }: BenchmarkMaterial): (index: number) => void {
  const parsed = cards.map(({ certificate }) => parseCertificate(certificate));
  return (index) => {
    const card = cards[index % seenLately]!;
    const { tbs, signature } = parsed[index % seenLately]!;
    const issued = verify('sha256', tbs, issuer.signer.publicKey, signature);
    const held = verify('sha256', challenge, card.signer.publicKey, card.signature);
    if (!issued || !held) throw new Error('a bare signature does not hold');
  };
}

/** As little as a first validation can do: PKCS #1 in PEM is the cheapest form to import, used once. */
function bareSignaturesOfUnknown(material: BenchmarkMaterial): (index: number) => void {
  const { cards, challenge, issuer } = material;
  const parsed = cards.map(({ certificate }) => parseCertificate(certificate));
  return (index) => {
    const card = cards[index % cards.length]!;
    const { tbs, signature, keyBits } = parsed[index % cards.length]!;
    const key = `-----BEGIN RSA PUBLIC KEY-----\n${toBase64(keyBits)}\n-----END RSA PUBLIC KEY-----\n`;
    const holds = withoutStackTraces(
      () =>
        verify('sha256', tbs, issuer.signer.publicKey, signature) &&
        verify('sha256', challenge, key, card.signature),
    );
    if (!holds) throw new Error('a bare signature does not hold');
  };
}

/** As much as the second-level cache of a server's core holds. Written, as unwritten pages share one. */
const otherMemory = new Uint8Array(512 * 1024).fill(1);
const cacheLine = 64;

/** Replaces what the core's caches hold of code and data, as everything between two signatures does in part. */
function readOtherMemory(): void {
  let sum = 0;
  for (let i = 0; i < otherMemory.length; i += cacheLine) sum += otherMemory[i]!;
  if (sum !== otherMemory.length / cacheLine) throw new Error('the memory was not read');
}

async function validateOne(material: BenchmarkMaterial, card: BenchmarkCard): Promise<void> {
  const { challenge, profile, lists, now } = material;
  const report = await validateUnderProfile(
    {
      certificate: card.certificate,
      kind: 'user-authentication',
      method: 'crl',
      possession: (leaf) =>
        verifyChallengeSignature(leaf, challenge, card.signature, profile.algorithms) === 'ok',
      now,
    },
    {
      profile,
      lists,
      ocsp: { ask: () => Promise.reject(new Error('no responder is asked')) },
      elapsedMs: () => 0,
    },
  );
  if (report.verdict !== 'valid') throw new Error(`not valid: ${report.code}`);
}

const rateOf = (bare: number, whole: number): string =>
  `${(bare / whole).toFixed(2)} of their rate`;

const line = (what: string, microseconds: number, remark = ''): void =>
  console.log(`${what.padEnd(56)} ${microseconds.toFixed(1).padStart(8)} µs  ${remark}`);

/** `state`: which of our figures is comparable to theirs. */
const rival = (
  what: string,
  microseconds: number | undefined,
  own: number,
  state: 'seen' | 'unknown',
): void =>
  microseconds === undefined
    ? console.log(`${what.padEnd(56)} not present`)
    : line(what, microseconds, `${(microseconds / own).toFixed(1)} times ours (${state} cards)`);
