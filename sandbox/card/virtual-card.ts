import { constants, privateEncrypt, type KeyObject } from 'node:crypto';
import { applications } from '../../reader/core/card-profile.ts';
import { parseCommand, status, withStatus, type CommandApdu } from './apdu.ts';
import { signDigest } from './ecdsa-over-digest.ts';
import type { ChipContents, ChipSecret } from './personalise.ts';

export interface CardBehaviour {
  /** Maximum octets per response, as some readers and phones limit it; otherwise Le. */
  readonly shortReads?: number;
  /** Longer responses are announced by `61xx` and fetched with GET RESPONSE. */
  readonly announceOver?: number;
  /**
   * READ BINARY beyond the end of the file returns `6Cxx` with the remaining length instead of
   * `6282`.
   */
  readonly correctsLength?: boolean;
  /** Milliseconds per command: for signing, and for all others. */
  readonly signingMs?: number;
  readonly commandMs?: number;
  /** Elliptic-curve signatures as r ‖ s instead of DER. */
  readonly plainEcdsa?: boolean;
}

/**
 * Called with each command and its response, for example to prove that something was never sent.
 */
export type CommandObserver = (command: Uint8Array, answer: Uint8Array, card: VirtualCard) => void;

const everyCard = new Set<CommandObserver>();

/** Observes all cards of the process, including those created later. */
export const observeEveryCard = (observer: CommandObserver): void => void everyCard.add(observer);

interface VirtualFile {
  readonly content?: Buffer;
  /** Secrets of which at least one must have been verified. */
  readonly behind?: readonly number[];
  readonly secret?: ChipSecret;
  readonly key?: KeyObject;
}

type Files = ReadonlyMap<number, VirtualFile>;

/**
 * A My Number Card at the level of APDUs, with what `card-profile.ts` knows of one. State follows
 * ISO/IEC 7816-4: selecting an application forgets the file and every verified secret.
 */
export class VirtualCard {
  /** Every attempt to access the individual number; it does not exist even here. */
  readonly forbiddenAttempts: string[] = [];
  /** Counts power-ups and resets. */
  resets = 0;
  readonly #applications: ReadonlyMap<string, Files>;
  readonly #behaviour: CardBehaviour;
  #chipKey: KeyObject | undefined;
  #application: string | undefined;
  #file: number | undefined;
  #verified = new Set<number>();
  #pending: Buffer = Buffer.alloc(0);

  constructor(contents: ChipContents, behaviour: CardBehaviour = {}) {
    this.#applications = layOut(contents);
    this.#behaviour = behaviour;
    this.#chipKey = contents.surface?.key;
  }

  /**
   * Answer to reset; T=1 as on the card's contactless interface, with invented historical bytes.
   */
  get atr(): Buffer {
    return Buffer.from('3b80800101', 'hex');
  }

  /** Power-up or reset: clears the selection and the verified secrets. */
  reset(): void {
    this.resets++;
    this.#application = undefined;
    this.#file = undefined;
    this.#verified.clear();
    this.#pending = Buffer.alloc(0);
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const parsed = parseCommand(command);
    const { signingMs = 0, commandMs = 0 } = this.#behaviour;
    const delay = parsed?.ins === 0x2a ? signingMs : commandMs;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const answer = parsed ? this.#answer(parsed) : status(0x6700);
    for (const observe of everyCard) observe(command, answer, this);
    return answer;
  }

  #answer(command: CommandApdu): Uint8Array {
    if (command.ins === 0xc0) return this.#getResponse(command.expected ?? 256);
    this.#pending = Buffer.alloc(0);
    switch (command.cla * 256 + command.ins) {
      case 0x00a4:
        return this.#select(command);
      case 0x00b0:
        return this.#readBinary(command);
      case 0x0020:
        return this.#verify(command);
      case 0x802a:
        return this.#sign(command);
      default:
        return status(command.cla === 0x00 || command.cla === 0x80 ? 0x6d00 : 0x6e00);
    }
  }

  #select({ p1, data }: CommandApdu): Uint8Array {
    if (p1 === 0x04) {
      const aid = Buffer.from(data).toString('hex').toUpperCase();
      if (!this.#applications.has(aid)) return status(0x6a82);
      this.#application = aid;
      this.#file = undefined;
      this.#verified.clear();
      return status(0x9000);
    }
    if (p1 !== 0x02 || data.length !== 2) return status(0x6a86);
    const id = data[0]! * 256 + data[1]!;
    if (this.#application === inputAssistanceAid && id === individualNumberFile) {
      this.forbiddenAttempts.push('select');
    }
    if (this.#application === inputAssistanceAid && id === verificationNumberA) {
      this.forbiddenAttempts.push('verification number A');
    }
    if (!this.#files.has(id)) return status(0x6a82);
    this.#file = id;
    return status(0x9000);
  }

  get #files(): Files {
    return this.#applications.get(this.#application ?? '') ?? new Map();
  }

  #readBinary({ p1, p2, expected }: CommandApdu): Uint8Array {
    if (this.#file === undefined) return status(0x6986);
    if (this.#application === inputAssistanceAid && this.#file === individualNumberFile) {
      this.forbiddenAttempts.push('read');
      return status(0x6982);
    }
    // Short EF identifiers in P1 are not supported: files must be selected first.
    if (p1 & 0x80) return status(0x6a86);
    const { content, behind } = this.#files.get(this.#file)!;
    if (!content) return status(0x6981);
    if (behind && !behind.some((id) => this.#verified.has(id))) return status(0x6982);
    const offset = p1 * 256 + p2;
    if (offset >= content.length) return status(0x6b00);
    const wanted = expected ?? 256;
    const left = content.length - offset;
    if (wanted > left && this.#behaviour.correctsLength && left <= 256)
      return status(0x6c00 | left);
    const length = Math.min(wanted, left, this.#behaviour.shortReads ?? Infinity);
    const data = content.subarray(offset, offset + length);
    return this.#deliver(data, wanted > left && length === left ? 0x6282 : 0x9000);
  }

  #verify({ p2, data }: CommandApdu): Uint8Array {
    const id = this.#file;
    const held = id === undefined ? undefined : this.#files.get(id)?.secret;
    if (!held || p2 !== 0x80) return status(0x6a88);
    if (data.length === 0) return status(0x63c0 | held.triesLeft);
    if (held.triesLeft === 0) return status(0x6984);
    if (Buffer.from(data).toString('latin1') === held.value) {
      held.triesLeft = held.tries;
      this.#verified.add(id!);
      return status(0x9000);
    }
    this.#verified.delete(id!);
    held.triesLeft -= 1;
    return status(0x63c0 | held.triesLeft);
  }

  #sign({ p1, p2, data }: CommandApdu): Uint8Array {
    if (this.#application === surfaceAid && p1 === 0x00 && p2 === 0x00 && this.#chipKey) {
      return data.length === 0 || data.length > 245
        ? status(0x6a80)
        : this.#deliver(rawRsa(this.#chipKey, data));
    }
    const file = this.#file === undefined ? undefined : this.#files.get(this.#file);
    if (!file?.key || p2 !== 0x80) return status(0x6a86);
    if (file.behind && !file.behind.some((id) => this.#verified.has(id))) return status(0x6982);
    if (file.key.asymmetricKeyType === 'rsa') {
      if (p1 !== 0x00 || data.length === 0 || data.length > 245) return status(0x6a80);
      return this.#deliver(rawRsa(file.key, data));
    }
    if (p1 !== 0x02) return status(0x6a86);
    const encoding = this.#behaviour.plainEcdsa ? 'plain' : 'der';
    return this.#deliver(signDigest(file.key, data, encoding));
  }

  /** An answer, or the announcement of one. */
  #deliver(data: Buffer, word = 0x9000): Uint8Array {
    const { announceOver } = this.#behaviour;
    if (announceOver === undefined || data.length <= announceOver) return withStatus(data, word);
    this.#pending = data;
    return status(0x6100 | (data.length > 0xff ? 0 : data.length));
  }

  #getResponse(expected: number): Uint8Array {
    if (this.#pending.length === 0) return status(0x6985);
    const part = this.#pending.subarray(0, Math.min(expected, this.#behaviour.announceOver ?? 256));
    this.#pending = this.#pending.subarray(part.length);
    const { length } = this.#pending;
    return withStatus(part, length === 0 ? 0x9000 : 0x6100 | (length > 0xff ? 0 : length));
  }
}

const jpkiAid: string = applications.jpki.aid;
const surfaceAid: string = applications.surface.aid;
const inputAssistanceAid: string = applications.inputAssistance.aid;

/** Files that no reader of this project may access; defined here so that an attempt is detected. */
export const individualNumberFile = 0x0001;
export const verificationNumberA = 0x0014;

function layOut({ jpki, surface, inputAssistance }: ChipContents): ReadonlyMap<string, Files> {
  const laidOut = new Map<string, Files>();
  laidOut.set(
    jpkiAid,
    new Map<number, VirtualFile>([
      [0x0006, { content: jpki.token }],
      [0x000a, { content: padded(jpki.certificate) }],
      [0x000b, { content: padded(jpki.caCertificate) }],
      [0x0017, { key: jpki.key, behind: [0x0018] }],
      [0x0018, { secret: jpki.pin }],
      ...(jpki.signaturePassword
        ? ([
            [0x0001, { content: padded(jpki.signatureCertificate!), behind: [0x001b] }],
            [0x0002, { content: padded(jpki.signatureCaCertificate!) }],
            [0x001a, { key: jpki.signatureKey!, behind: [0x001b] }],
            [0x001b, { secret: jpki.signaturePassword }],
          ] as const)
        : []),
    ]),
  );
  if (surface) {
    laidOut.set(
      surfaceAid,
      new Map<number, VirtualFile>([
        [0x0001, { content: padded(surface.record), behind: [0x0011] }],
        [0x0004, { content: padded(surface.cvCertificate) }],
        [0x0011, { secret: surface.birthDate }],
      ]),
    );
  }
  if (inputAssistance) {
    laidOut.set(
      inputAssistanceAid,
      new Map<number, VirtualFile>([
        [individualNumberFile, {}],
        [0x0002, { content: padded(inputAssistance.attributes), behind: [0x0011, 0x0015] }],
        [0x0003, { content: padded(inputAssistance.digests), behind: [0x0011, 0x0015] }],
        [0x0004, { content: padded(inputAssistance.cvCertificate) }],
        [0x0011, { secret: inputAssistance.pin }],
        [0x0015, { secret: inputAssistance.verificationNumberB }],
      ]),
    );
  }
  return laidOut;
}

/** Files are larger than their content. */
const padded = (content: Buffer): Buffer => Buffer.concat([content, Buffer.alloc(40)]);

/** RSASSA-PKCS1-v1_5 over a given DigestInfo. */
const rawRsa = (key: KeyObject, digestInfo: Uint8Array): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo);
