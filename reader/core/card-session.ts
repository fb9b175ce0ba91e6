import {
  type ApplicationName,
  type Credential,
  type FileOf,
  type KeyOf,
  type ReferenceOf,
} from './card-profile.ts';
import type { CardChannel, CardPort } from './card-port.ts';
import { commands, concat } from './commands.ts';
import { limits } from './limits.ts';
import { ReaderError } from './reader-error.ts';
import { readHeader } from './tlv.ts';

export interface CardAnswer {
  readonly data: Uint8Array;
  /** SW1 SW2. */
  readonly status: number;
}

const ok = 0x9000;
/** Warning: the file ended before Le octets (ISO/IEC 7816-4 table 6). */
const endReached = 0x6282;
const securityNotSatisfied = 0x6982;
const offsetOutside = 0x6b00;
const notFound: readonly number[] = [0x6a82, 0x6a83, 0x6a88];
const blocked: readonly number[] = [0x6983, 0x6984];

/**
 * One exclusive session with one card. Applications are opened in it, the input-assistance
 * application last: its EF 0001 is the individual number, so EF 0001 is selected only in sessions
 * that have never opened that application, whatever the card reports as selected.
 */
export class CardSession {
  readonly #channel: CardChannel;
  #current: ApplicationName | undefined;
  #inputAssistanceOpened = false;
  #commandsLeft: number = limits.commands;

  constructor(channel: CardChannel) {
    this.#channel = channel;
  }

  get hasPinPad(): boolean {
    return this.#channel.verifyOnPinPad !== undefined;
  }

  /** Selects an application; undefined when the card has none of that name. */
  async open<A extends ApplicationName>(name: A): Promise<OpenApplication<A> | undefined> {
    if (name === 'surface' && this.#inputAssistanceOpened) {
      throw new RangeError('the input-assistance application is opened last');
    }
    if (name === 'inputAssistance') this.#inputAssistanceOpened = true;
    this.#current = undefined;
    const { status } = await this.send(commands.selectApplication(name));
    if (notFound.includes(status)) return undefined;
    if (status !== ok) throw answerInvalid(status, `select ${name}`);
    this.#current = name;
    return new OpenApplication(this, name);
  }

  isOpen(name: ApplicationName): boolean {
    return this.#current === name;
  }

  /**
   * Sends a command and fetches the complete response: `6Cxx` repeats it with that length, `61xx`
   * uses GET RESPONSE.
   */
  async send(command: Uint8Array): Promise<CardAnswer> {
    let answer = await this.#transmit(command);
    if (answer.status >> 8 === 0x6c && hasLe(command)) {
      answer = await this.#transmit(withLe(command, answer.status & 0xff));
    }
    const parts = [answer.data];
    for (let i = 0; answer.status >> 8 === 0x61; i++) {
      if (i >= limits.responseParts) throw answerInvalid(answer.status, 'get response');
      answer = await this.#transmit(commands.getResponse(answer.status & 0xff));
      if (answer.data.length === 0 && answer.status >> 8 === 0x61) {
        throw answerInvalid(answer.status, 'get response');
      }
      parts.push(answer.data);
    }
    return { data: parts.length === 1 ? parts[0]! : concat(...parts), status: answer.status };
  }

  async verifyOnPinPad(verify: Uint8Array, digits: number): Promise<CardAnswer> {
    return split(await this.#channel.verifyOnPinPad!(verify, digits));
  }

  async #transmit(command: Uint8Array): Promise<CardAnswer> {
    if (--this.#commandsLeft < 0) throw new ReaderError('card-answer-invalid', { step: 'budget' });
    return split(await this.#channel.transmit(command));
  }
}

/** Runs `use` in one exclusive session. */
export const withCard = <T>(
  port: CardPort,
  use: (session: CardSession) => Promise<T>,
): Promise<T> => port.exclusively((channel) => use(new CardSession(channel)));

/** An application while it is selected. */
export class OpenApplication<A extends ApplicationName> {
  readonly #session: CardSession;
  readonly #name: A;

  constructor(session: CardSession, name: A) {
    this.#session = session;
    this.#name = name;
  }

  /** The TLV or DER object at the start of a file; padding after it is not read. */
  async readObject(file: FileOf<A>): Promise<Uint8Array> {
    await this.#select(commands.selectFile(this.#name, file), String(file));
    let bytes: Uint8Array = new Uint8Array(0);
    let total: number | undefined;
    while (total === undefined || bytes.length < total) {
      const want = Math.min(256, (total ?? bytes.length + 256) - bytes.length);
      const { data, status } = await this.#read(bytes.length, want, String(file));
      bytes = concat(bytes, data);
      total ??= objectLength(bytes);
      const ended = status === endReached || data.length === 0;
      if (ended && (total === undefined || bytes.length < total)) {
        throw answerInvalid(status, `read ${String(file)}`);
      }
    }
    return bytes.subarray(0, total);
  }

  /** At most the first 256 octets of a file; fewer if the file is shorter. */
  async readStart(file: FileOf<A>, length: number): Promise<Uint8Array> {
    await this.#select(commands.selectFile(this.#name, file), String(file));
    let bytes: Uint8Array = new Uint8Array(0);
    while (bytes.length < length) {
      const { data, status } = await this.#read(bytes.length, length - bytes.length, String(file));
      bytes = concat(bytes, data);
      if (status === endReached || data.length === 0) break;
    }
    return bytes;
  }

  /** Remaining tries; 0: blocked; undefined: not reported by the card. Uses up no try. */
  async triesLeft(reference: ReferenceOf<A>): Promise<number | undefined> {
    await this.#select(commands.selectReference(this.#name, reference), String(reference));
    const { status } = await this.#send(commands.triesLeft());
    if ((status & 0xfff0) === 0x63c0) return status & 0x0f;
    if (blocked.includes(status)) return 0;
    if (status === ok || status === 0x6300) return undefined;
    throw answerInvalid(status, 'read try counter');
  }

  /**
   * VERIFY. If one try remains, or the number is unknown, it is sent only if the caller permits it.
   */
  async verify(reference: ReferenceOf<A>, secret: string, useLastTry: boolean): Promise<void> {
    const command = commands.verify(this.#name, reference, secret);
    await this.#guardLastTry(reference, useLastTry);
    this.#judge(reference, await this.#send(command));
  }

  /** VERIFY with the reader's PIN pad: the secret never reaches this program. */
  async verifyOnPinPad(
    reference: ReferenceOf<A>,
    digits: number,
    useLastTry: boolean,
  ): Promise<void> {
    await this.#guardLastTry(reference, useLastTry);
    const answer = await this.#session.verifyOnPinPad(commands.verifyTemplate(digits), digits);
    const failure = pinPadFailures.get(answer.status);
    if (failure) throw new ReaderError(failure, { credential: reference as Credential });
    this.#judge(reference, answer);
  }

  /** False if the card does not have the key (any more). */
  async selectKey(key: KeyOf<A>): Promise<boolean> {
    const { status } = await this.#send(commands.selectKey(this.#name, key));
    if (notFound.includes(status)) return false;
    if (status !== ok) throw answerInvalid(status, `select ${String(key)}`);
    return true;
  }

  /** A signature; undefined if the card has not verified the PIN that its key requires. */
  async sign(command: Uint8Array): Promise<Uint8Array | undefined> {
    const { data, status } = await this.#send(command);
    if (status === securityNotSatisfied) return undefined;
    if (status !== ok || data.length === 0) throw answerInvalid(status, 'sign');
    return data;
  }

  async #guardLastTry(reference: ReferenceOf<A>, useLastTry: boolean): Promise<void> {
    const triesLeft = await this.triesLeft(reference);
    const credential = reference as Credential;
    if (triesLeft === 0) throw new ReaderError('pin-blocked', { credential, triesLeft });
    if ((triesLeft === undefined || triesLeft === 1) && !useLastTry) {
      throw new ReaderError('pin-last-try', {
        credential,
        ...(triesLeft === undefined ? {} : { triesLeft }),
      });
    }
  }

  #judge(reference: ReferenceOf<A>, { status }: CardAnswer): void {
    if (status === ok) return;
    const credential = reference as Credential;
    if ((status & 0xfff0) === 0x63c0) {
      const triesLeft = status & 0x0f;
      throw new ReaderError(triesLeft === 0 ? 'pin-blocked' : 'pin-wrong', {
        credential,
        triesLeft,
      });
    }
    if (blocked.includes(status))
      throw new ReaderError('pin-blocked', { credential, triesLeft: 0 });
    if (status === 0x6300) throw new ReaderError('pin-wrong', { credential });
    throw answerInvalid(status, 'verify');
  }

  async #read(offset: number, want: number, file: string): Promise<CardAnswer> {
    const answer = await this.#send(commands.readBinary(offset, want));
    // The offset is at or beyond the end of the file: nothing remains to be read.
    if (answer.status === offsetOutside && offset > 0) return { ...answer, status: endReached };
    if (answer.status !== ok && answer.status !== endReached) {
      throw answerInvalid(answer.status, `read ${file}`);
    }
    if (answer.data.length > want) throw answerInvalid(answer.status, `read ${file}`);
    return answer;
  }

  async #select(command: Uint8Array, what: string): Promise<void> {
    const { status } = await this.#send(command);
    if (status !== ok) throw answerInvalid(status, `select ${what}`);
  }

  #send(command: Uint8Array): Promise<CardAnswer> {
    if (!this.#session.isOpen(this.#name)) {
      throw new RangeError(`${this.#name} is no longer the selected application`);
    }
    return this.#session.send(command);
  }
}

/** PC/SC part 10, §2.5.2: status words that a PIN pad returns instead of the card. */
const pinPadFailures: ReadonlyMap<
  number,
  'pinpad-timeout' | 'pinpad-cancelled' | 'pin-form' | 'pinpad-failed'
> = new Map([
  [0x6400, 'pinpad-timeout'],
  [0x6401, 'pinpad-cancelled'],
  // "The two new PINs differ": no answer to VERIFY.
  [0x6402, 'pinpad-failed'],
  [0x6403, 'pin-form'],
  [0x6b80, 'pinpad-failed'],
]);

function objectLength(bytes: Uint8Array): number | undefined {
  const header = readHeader(bytes);
  if (!header) return undefined;
  const total = header.headerLength + header.length;
  if (total > limits.fileOctets) throw new ReaderError('card-answer-invalid', { step: 'length' });
  return total;
}

/** Case 2 commands have five octets; case 4 has one more than Lc says. */
const hasLe = (command: Uint8Array): boolean =>
  command.length === 5 || command.length === 5 + command[4]! + 1;

function withLe(command: Uint8Array, le: number): Uint8Array {
  const changed = Uint8Array.from(command);
  changed[changed.length - 1] = le;
  return changed;
}

function split(response: Uint8Array): CardAnswer {
  const { length } = response;
  if (length < 2 || length > 258) {
    throw new ReaderError('card-answer-invalid', { step: 'response length' });
  }
  return {
    data: response.subarray(0, length - 2),
    status: (response[length - 2]! << 8) | response[length - 1]!,
  };
}

export const answerInvalid = (status: number, step: string): ReaderError =>
  new ReaderError('card-answer-invalid', {
    // The last octets of a truncated response are content, not a status word: they are not
    // reported.
    ...(isStatusWord(status) ? { statusWord: status.toString(16) } : {}),
    step,
  });

/** ISO/IEC 7816-3 §12.1: SW1 is 6X (but 60) or 9X; the standard's own are 61 to 6F and 90. */
const isStatusWord = (status: number): boolean =>
  status === 0x9000 || (status >= 0x6100 && status <= 0x6fff);
