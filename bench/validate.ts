import { verify, X509Certificate } from 'node:crypto';
import { validateCertificate } from '../lambdas/core/validate-certificate.ts';
import { parseCertificate } from '../lambdas/core/x509/certificate.ts';
import { verifyChallengeSignature } from '../lambdas/core/x509/challenge-signature.ts';
import { type BenchmarkWorld, benchmarkWorld } from './validate/cards.ts';
import { microsecondsPerCall } from './validate/measure.ts';
import { jdkMicroseconds, opensslMicroseconds } from './validate/rivals.ts';

const seenLately = 48;
/** More than the JDK keeps parsed certificates of (750); their keys are more than we keep (64). */
const strangersInTurn = 1600;
const keys = 80;

/**
 * One user-authentication certificate, warm, everything: parse, path of one authority among three of
 * its name, kind and policy, challenge signature, revocation from a list in memory, report; once for
 * cards whose keys are still imported, once for more cards in turn than keys are kept of. Beside it
 * what no validator can do without (two signatures), and what a user would pick instead.
 */
export async function run(): Promise<void> {
  const world = await benchmarkWorld(strangersInTurn, keys);
  const certificateOf = (index: number) => world.cards[index % world.cards.length]!.certificate;
  const [bare, whole, strangers, parsing, x509] = (await microsecondsPerCall(
    { call: bareSignatures(world), calls: 960 },
    { call: (index) => validateOne(world, index % seenLately), calls: 960 },
    { call: (index) => validateOne(world, index), calls: strangersInTurn },
    { call: (index) => void parseCertificate(certificateOf(index)), calls: 8000 },
    { call: (index) => void new X509Certificate(certificateOf(index)), calls: 1600 },
  )) as [number, number, number, number, number];
  line('two bare crypto.verify calls, keys imported', bare);
  line(
    `full validation, ${seenLately} cards seen lately`,
    whole,
    `${(bare / whole).toFixed(2)} of their rate (target 0.50)`,
  );
  line(
    `the same, ${strangersInTurn} cards in turn, none seen lately`,
    strangers,
    `${(bare / strangers).toFixed(2)} of their rate`,
  );
  line('parseCertificate', parsing, `${(x509 / parsing).toFixed(1)} times as fast (target 5)`);
  line('new X509Certificate', x509);
  const openssl = opensslMicroseconds(world);
  const jdkSeen = jdkMicroseconds(world, world.cards.slice(0, seenLately));
  const jdkStrangers = jdkMicroseconds(world, world.cards);
  rival('openssl verify -crl_check, per certificate of a batch', openssl, strangers, 'unseen');
  const jdk = 'JDK PKIX validator and challenge signature, warm';
  rival(jdk, jdkSeen, whole, 'seen');
  rival(jdk, jdkStrangers, strangers, 'unseen');
}

function bareSignatures({ cards, challenge, issuer }: BenchmarkWorld): (index: number) => void {
  const parsed = cards.map(({ certificate }) => parseCertificate(certificate));
  return (index) => {
    const card = cards[index % seenLately]!;
    const { tbs, signature } = parsed[index % seenLately]!;
    const issued = verify('sha256', tbs, issuer.signer.publicKey, signature);
    const held = verify('sha256', challenge, card.signer.publicKey, card.signature);
    if (!issued || !held) throw new Error('a bare signature does not hold');
  };
}

async function validateOne(world: BenchmarkWorld, index: number): Promise<void> {
  const { challenge, profile, lists, now } = world;
  const card = world.cards[index % world.cards.length]!;
  const report = await validateCertificate(
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

const line = (what: string, microseconds: number, remark = ''): void =>
  console.log(`${what.padEnd(56)} ${microseconds.toFixed(1).padStart(8)} µs  ${remark}`);

/** `state`: which of our figures is like theirs. */
const rival = (
  what: string,
  microseconds: number | undefined,
  own: number,
  state: 'seen' | 'unseen',
): void =>
  microseconds === undefined
    ? console.log(`${what.padEnd(56)} not present`)
    : line(what, microseconds, `${(microseconds / own).toFixed(1)} times ours (${state} cards)`);
