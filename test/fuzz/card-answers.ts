import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { BasicAttributes } from '../../reader/core/attributes.ts';
import type { CardChannel, CardPort } from '../../reader/core/card-port.ts';
import { lookAtCard, readCard, type Reading } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import type { ChipRoot } from '../../reader/core/cv-certificate.ts';
import type { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { randomFrom } from './mutate.ts';

type Random = (bound: number) => number;
type Signatures = ReadonlyMap<VirtualCard, Map<string, Uint8Array>>;

export interface FuzzedCard {
  readonly card: VirtualCard;
  /** Cards with the same certificate, of which one thing each is forged. */
  readonly forged: readonly VirtualCard[];
  readonly roots: readonly ChipRoot[];
  readonly credentials: {
    readonly userAuthenticationPin: string;
    readonly inputAssistancePin: string;
    readonly verificationNumberB: string;
    readonly birthDate: string;
  };
  /** What an error may not show: PIN, printed number, attributes. */
  readonly secrets: readonly string[];
  /** Certificate, chip key and attributes as they were issued. */
  readonly certificate: Uint8Array;
  readonly caCertificate: Uint8Array;
  readonly chipKey: KeyObject;
  readonly attributes: BasicAttributes;
}

export interface FuzzCounts {
  readings: number;
  mutatedAnswers: number;
  /** Answers of a forged card among them. */
  forgedAnswers: number;
  commands: number;
  refused: number;
  /** The result is true, whatever was changed on the way. */
  accepted: number;
  /** Not true, and of the kind that the platform verifies: an altered certificate, another chip. */
  leftToPlatform: number;
  /** Each of these is a fault: what it was, with the seed's number of the reading. */
  readonly faults: string[];
  readonly codes: Map<string, number>;
  slowestMs: number;
}

const challenge = Buffer.from('fuzz: a challenge');
const chipChallenge = Buffer.from('fuzz: a challenge for the chip');
const slowestAllowedMs = 1000;

/**
 * Reads the card over and over; in every reading at least one answer is not what the card said. A
 * reading ends with a ReaderError that shows no secret, or with a result that is true.
 */
export async function fuzzCardAnswers(
  target: FuzzedCard,
  wantedAnswers: number,
  seed: number,
  tell: (counts: FuzzCounts) => void = () => {},
): Promise<FuzzCounts> {
  const random = randomFrom(seed);
  const counts: FuzzCounts = {
    readings: 0,
    mutatedAnswers: 0,
    forgedAnswers: 0,
    commands: 0,
    refused: 0,
    accepted: 0,
    leftToPlatform: 0,
    faults: [],
    codes: new Map(),
    slowestMs: 0,
  };
  const signatures: Signatures = new Map(
    [target.card, ...target.forged].map((card) => [card, new Map()]),
  );
  const lengths: number[] = [];
  for (const read of readings) {
    const honest = new TruthfulPort(target.card);
    const verdict = judgeReading(target, await read(target, honest));
    if (verdict !== 'true') throw new Error(`an unchanged reading is ${verdict}`);
    lengths.push(honest.commands);
  }
  while (counts.mutatedAnswers < wantedAnswers) {
    const kind = random(readings.length);
    const port = new LyingPort(target, lengths[kind]!, random, counts, signatures);
    const start = performance.now();
    try {
      const verdict = judgeReading(target, await readings[kind]!(target, port));
      if (verdict === 'true') counts.accepted++;
      else counts.leftToPlatform++;
    } catch (error) {
      judgeError(target, error, counts);
    }
    const tookMs = performance.now() - start;
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    if (tookMs > slowestAllowedMs) fault(counts, `took ${Math.round(tookMs)} ms`);
    if (port.usedLastTry) fault(counts, 'VERIFY was sent when the card said that one try was left');
    counts.readings++;
    if (counts.readings % 1000 === 0) tell(counts);
  }
  return counts;
}

class WrongResult extends Error {}

type Read = (target: FuzzedCard, port: CardPort) => Promise<Reading | undefined>;

/** A look, a hold, a hold with attributes, and everything at once. */
const readings: readonly Read[] = [
  async (_, port) => {
    await lookAtCard(port);
    return undefined;
  },
  ({ roots }, port) => readCard(port, { chipChallenge, credentials: {}, roots }),
  ({ roots, credentials: { verificationNumberB } }, port) =>
    readCard(port, {
      chipChallenge,
      attributes: true,
      credentials: { verificationNumberB },
      roots,
    }),
  ({ roots, credentials: { userAuthenticationPin, inputAssistancePin, birthDate } }, port) =>
    readCard(port, {
      challenge,
      chipChallenge,
      enrolChip: true,
      attributes: true,
      credentials: { userAuthenticationPin, inputAssistancePin, birthDate },
      roots,
    }),
];

/**
 * Judges by what was issued, with none of the reader's own checks.
 * @throws WrongResult if somebody who takes the result for true is deceived
 */
function judgeReading(
  target: FuzzedCard,
  reading: Reading | undefined,
): 'true' | 'left to the platform' {
  if (reading === undefined) return 'true';
  const { certificate, signature, chip, attributes, assurance } = reading;
  const isOwn = Buffer.compare(certificate, target.certificate) === 0;
  // The reader leaves the path to the platform: an altered certificate has to fail there.
  if (!isOwn) {
    const ca = new X509Certificate(target.caCertificate);
    if (new X509Certificate(certificate).verify(ca.publicKey)) {
      throw new WrongResult('another certificate that its authority signed');
    }
  }
  const shown = [signature && 'card-signature', chip && 'chip-presence'].filter(Boolean);
  if (shown.join() !== assurance.join()) throw new WrongResult(`assurance ${assurance.join()}`);
  if (signature) {
    const { publicKey } = new X509Certificate(certificate);
    if (!verify('sha256', challenge, publicKey, signature.value)) {
      throw new WrongResult('a signature that does not verify');
    }
  }
  if (attributes && !isDeepStrictEqual(attributes, target.attributes)) {
    throw new WrongResult('attributes that nobody signed');
  }
  const isAnswered = !chip || verify('sha256', chipChallenge, target.chipKey, chip.signature);
  // Enrolment: the record names a key, and its holder answered. A hold is compared by the platform.
  if (chip?.record && !isAnswered) throw new WrongResult('a chip that nobody vouches for');
  return isOwn && isAnswered ? 'true' : 'left to the platform';
}

function judgeError(target: FuzzedCard, error: unknown, counts: FuzzCounts): void {
  if (!(error instanceof ReaderError)) {
    fault(counts, `${(error as Error).name}: ${(error as Error).message}`);
    return;
  }
  counts.refused++;
  counts.codes.set(error.code, (counts.codes.get(error.code) ?? 0) + 1);
  const shown = [
    error.message,
    JSON.stringify(error.details),
    error.cause instanceof Error ? error.cause.message : '',
    JSON.stringify(error.cure),
  ].join('\n');
  if (target.secrets.some((secret) => shown.includes(secret))) {
    fault(counts, `a secret in an error with the code ${error.code}`);
  }
}

function fault(counts: FuzzCounts, what: string): void {
  if (counts.faults.length < 20) counts.faults.push(`reading ${counts.readings}: ${what}`);
}

class TruthfulPort implements CardPort {
  commands = 0;
  readonly #card: VirtualCard;

  constructor(card: VirtualCard) {
    this.#card = card;
  }

  async exclusively<T>(use: (channel: CardChannel) => Promise<T>): Promise<T> {
    this.#card.reset();
    return use({
      transmit: (command) => {
        this.commands++;
        return this.#card.transmit(command);
      },
    });
  }
}

/**
 * A card whose answers are changed on the way: one of them, some, or, as if a forged card had been put in
 * its place, all from one on.
 */
class LyingPort implements CardPort {
  usedLastTry = false;
  readonly #card: VirtualCard;
  readonly #forged: VirtualCard | undefined;
  readonly #random: Random;
  readonly #counts: FuzzCounts;
  readonly #signatures: Signatures;
  readonly #from: number;
  readonly #rate: number;
  #index = 0;
  #toldTries = 15;
  #previous: Uint8Array = Buffer.from('9000', 'hex');

  /** @param length commands of the same reading when nothing is changed */
  constructor(
    { card, forged }: FuzzedCard,
    length: number,
    random: Random,
    counts: FuzzCounts,
    signatures: Signatures,
  ) {
    this.#card = card;
    this.#random = random;
    this.#counts = counts;
    this.#signatures = signatures;
    this.#forged = random(16) === 0 ? forged[random(forged.length)] : undefined;
    this.#from = random(length);
    this.#rate = [1, 1, 4, 20][random(4)]!;
  }

  async exclusively<T>(use: (channel: CardChannel) => Promise<T>): Promise<T> {
    this.#card.reset();
    this.#forged?.reset();
    return use({ transmit: (command) => this.#transmit(command) });
  }

  async #transmit(command: Uint8Array): Promise<Uint8Array> {
    this.#counts.commands++;
    const verifies = command[1] === 0x20;
    if (verifies && command.length > 5 && this.#toldTries <= 1) this.usedLastTry = true;
    const truth = await this.#ask(this.#card, command);
    const answer = await this.#answer(command, truth);
    if (Buffer.compare(answer, truth) !== 0) this.#counts.mutatedAnswers++;
    this.#previous = truth;
    if (verifies && command.length === 4) {
      const status = answer.length >= 2 ? (answer.at(-2)! << 8) | answer.at(-1)! : 0;
      if ((status & 0xfff0) === 0x63c0) this.#toldTries = status & 15;
    }
    return answer;
  }

  async #answer(command: Uint8Array, truth: Uint8Array): Promise<Uint8Array> {
    const index = this.#index++;
    if (this.#forged) {
      // It gets every command, so that it has the same file selected.
      const answer = await this.#ask(this.#forged, command);
      if (index < this.#from) return truth;
      if (Buffer.compare(answer, truth) !== 0) this.#counts.forgedAnswers++;
      return answer;
    }
    const lies =
      index === this.#from ||
      (index > this.#from && this.#rate > 1 && this.#random(this.#rate) === 0);
    return lies ? this.#mutated(truth) : truth;
  }

  /** The same input has the same RSA signature: it is made once, or the fuzzing would be mostly RSA. */
  async #ask(card: VirtualCard, command: Uint8Array): Promise<Uint8Array> {
    if (command[1] !== 0x2a) return card.transmit(command);
    const made = this.#signatures.get(card)!;
    const input = Buffer.from(command).toString('hex');
    const known = made.get(input);
    if (known) return known;
    const answer = await card.transmit(command);
    if (answer.at(-2) === 0x90) made.set(input, answer);
    return answer;
  }

  #mutated(answer: Uint8Array): Uint8Array {
    const random = this.#random;
    const bytes = Buffer.from(answer);
    const data = bytes.subarray(0, -2);
    const word = bytes.subarray(-2);
    const at = random(Math.max(1, bytes.length));
    // Try counters near their end.
    if (word[0] === 0x63 && random(4) === 0) return Buffer.of(0x63, 0xc0 | random(4));
    switch (random(12)) {
      case 0:
        return Buffer.concat([data, statusWords[random(statusWords.length)]!]);
      case 1:
        return Buffer.concat([data, Buffer.of(random(256), random(256))]);
      case 2:
        return word;
      case 3:
        return Buffer.concat([data.subarray(0, random(data.length + 1)), word]);
      case 4:
        return Buffer.concat([data, Buffer.alloc(random(20), random(256)), word]);
      case 5:
        return Buffer.from(this.#previous);
      case 6:
        return bytes.subarray(0, random(3));
      case 7:
        return Buffer.concat([data, data, word]);
      case 8:
        // A length near the start: where TLV headers are.
        if (data.length > 0)
          bytes[random(Math.min(8, data.length))] = lengths[random(lengths.length)]!;
        return bytes;
      case 9:
        if (bytes.length > 0) bytes[at] = random(256);
        return bytes;
      default:
        for (let i = random(3); i >= 0; i--) {
          if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
        }
        return bytes;
    }
  }
}

const statusWords = [
  '9000', '6100', '6110', '61ff', '6c00', '6c10', '6cff', '6282', '6281', '6300', '63c0', '63c1',
  '63c2', '63cf', '6400', '6700', '6982', '6983', '6984', '6985', '6a80', '6a82', '6a86', '6b00',
  '6d00', '6e00', '6f00', '0000', 'ffff',
].map((word) => Buffer.from(word, 'hex')); // prettier-ignore

const lengths = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xff];
