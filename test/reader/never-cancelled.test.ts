import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CardChannel } from '../../reader/core/card-port.ts';
import { CardSession, type OpenApplication } from '../../reader/core/card-session.ts';
import { onPinPad, readCard } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { pcscCodes, type PcscApi } from '../../reader/pcsc/pcsc-api.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import { verifyOnPinPad } from '../../reader/pcsc/pin-pad.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, openIssuer, type IssuedCard } from './support/cards.ts';
import { ScriptedPcsc } from './support/scripted-pcsc.ts';

/** PC/SC part 10 §2.5.2: the person pressed cancel. Nothing else says so. */
const cancelledWord = 0x6401;
const everyWord = Array.from({ length: 0x10000 }, (_, word) => word);
/** PC/SC's own, and the system errors that Windows passes on. */
const everyReturnCode = [
  ...new Set([
    ...Object.values(pcscCodes),
    ...Array.from({ length: 0x100 }, (_, i) => [0x80100000 + i, i + 1]).flat(),
    // ERROR_CANCELLED, ERROR_OPERATION_ABORTED; E_ABORT; HRESULT of ERROR_CANCELLED.
    0x4c7,
    0x3e3,
    0x80004004,
    0x800704c7,
  ]),
].filter((code) => code !== pcscCodes.success);

const octetsOf = (word: number): Uint8Array => Uint8Array.of(word >> 8, word & 0xff);
const saysCancelled = (code: string): boolean => code.includes('cancel');

const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'read',
    (error: unknown) => {
      if (error instanceof ReaderError) return error.code;
      throw error;
    },
  );

/** The JPKI application of a card that answers entries with one word and all else with success. */
async function entryAnswered(word: number): Promise<OpenApplication<'jpki'>> {
  const channel: CardChannel = {
    transmit: async (command) => {
      if (command[1] !== 0x20) return octetsOf(0x9000);
      return octetsOf(command.length === 4 ? 0x63c3 : word);
    },
    verifyOnPinPad: async () => octetsOf(word),
  };
  return (await new CardSession(channel).open('jpki'))!;
}

describe('of all 65,536 status words', () => {
  it('the keypad’s 6401 alone is said to be cancelled by a person', async () => {
    const said: number[] = [];
    for (const word of everyWord) {
      const jpki = await entryAnswered(word);
      const code = await codeOf(jpki.verifyOnPinPad('userAuthenticationPin', 4, false));
      if (saysCancelled(code)) said.push(word);
    }
    expect(said).toEqual([cancelledWord]);
  });

  it('none is, where the card itself answers an entry on the screen', async () => {
    const said: number[] = [];
    for (const word of everyWord) {
      const jpki = await entryAnswered(word);
      const code = await codeOf(jpki.verify('userAuthenticationPin', '1234', false));
      if (saysCancelled(code)) said.push(word);
    }
    expect(said).toEqual([]);
  });

  it.each([
    [0x6400, 'pinpad-timeout'],
    [0x6401, 'pinpad-cancelled'],
    [0x6402, 'pinpad-failed'],
    [0x6403, 'pin-form'],
    [0x6b80, 'pinpad-failed'],
    [0x63c2, 'pin-wrong'],
    [0x6983, 'pin-blocked'],
    [0x6f00, 'card-answer-invalid'],
  ])('the keypad’s %i is %s', async (word, code) => {
    const jpki = await entryAnswered(word);
    expect(await codeOf(jpki.verifyOnPinPad('userAuthenticationPin', 4, false))).toBe(code);
  });
});

describe('of all return codes of PC/SC', () => {
  it('none of the keypad’s is said to be cancelled by a person', async () => {
    const said: string[] = [];
    for (const code of everyReturnCode) {
      const api = { control: async () => ({ code, output: new Uint8Array(0) }) };
      const entry = verifyOnPinPad(api as unknown as PcscApi, 1, 2, new Uint8Array(9), 4);
      // Only the timeout is passed on as the keypad's own word.
      const outcome = await entry.then(
        (word) => Buffer.from(word).toString('hex'),
        (error: unknown) => (error as ReaderError).code,
      );
      if (saysCancelled(outcome) || outcome === '6401') said.push(code.toString(16));
    }
    expect(said).toEqual([]);
  });

  it.each([
    ['reader-gone', pcscCodes.readerUnavailable],
    ['reader-gone', pcscCodes.windowsDeviceGone],
    ['reader-service-stopped', pcscCodes.serviceStopped],
    ['reader-service-stopped', pcscCodes.windowsInvalidHandle],
    ['card-removed', pcscCodes.removedCard],
    ['card-reset', pcscCodes.resetCard],
    ['card-unresponsive', pcscCodes.communicationError],
    ['pinpad-failed', pcscCodes.unsupportedFeature],
    ['pinpad-failed', pcscCodes.cancelled],
    ['pinpad-failed', pcscCodes.cancelledByUser],
  ])('what happens during an entry is named: %s', async (name, code) => {
    const api = { control: async () => ({ code, output: new Uint8Array(0) }) };
    const entry = verifyOnPinPad(api as unknown as PcscApi, 1, 2, new Uint8Array(9), 4);
    expect(await codeOf(entry)).toBe(name);
  });

  it.each([0, 1, 3, 4, 258])('an answer of %i octets is no status word', async (length) => {
    const api = { control: async () => ({ code: 0, output: new Uint8Array(length).fill(0x64) }) };
    const entry = verifyOnPinPad(api as unknown as PcscApi, 1, 2, new Uint8Array(9), 4);
    expect(await codeOf(entry)).toBe('pinpad-failed');
  });
});

describe('wherever in a reading with a PIN pad it comes', () => {
  let tanaka: IssuedCard;
  const calls = ['establishContext', 'listReaders', 'getStatusChange', 'connect'] as const;
  const later = ['beginTransaction', 'control', 'transmit', 'endTransaction'] as const;
  beforeAll(async () => {
    tanaka = await newCard(await openIssuer());
  });

  const newReader = (): { pcsc: ScriptedPcsc; read: () => Promise<string> } => {
    const pcsc = new ScriptedPcsc();
    pcsc.plug('A', new VirtualCard(tanaka.contents));
    pcsc.pinPad = async (_, card) => ({
      code: 0,
      output: await card.transmit(Buffer.from('002000800431323334', 'hex')),
    });
    let clock = 0;
    const readers = new PcscReaders(pcsc, {
      now: () => clock,
      pause: async (ms) => {
        clock += ms;
      },
    });
    const withPad = {
      challenge: Buffer.from('challenge'),
      credentials: { userAuthenticationPin: onPinPad },
      roots: [],
    };
    const reading = async (): Promise<unknown> =>
      readCard(await readers.waitForCard({ timeoutMs: 0 }), withPad);
    return { pcsc, read: () => codeOf(reading()) };
  };

  it('no return code of PC/SC is said to be cancelled by a person', async () => {
    const truthful = newReader();
    expect(await truthful.read()).toBe('read');
    const said: string[] = [];
    for (const call of [...calls, ...later]) {
      const times = truthful.pcsc.calls.filter((name) => name === call).length;
      expect([call, times > 0]).toEqual([call, true]);
      for (let at = 0; at < times; at++) {
        for (const code of Object.values(pcscCodes)) {
          const { pcsc, read } = newReader();
          pcsc.script(call, ...Array<undefined>(at).fill(undefined), code);
          if (saysCancelled(await read())) said.push(`${call} ${at} ${code.toString(16)}`);
        }
      }
    }
    expect(said).toEqual([]);
  }, 60_000);

  it('no status word of the card is', async () => {
    const words = Array.from({ length: 0x40 }, (_, i) => ((0x60 + i) << 8) | 0x01);
    const truthful = newReader();
    await truthful.read();
    const times = truthful.pcsc.calls.filter((name) => name === 'transmit').length;
    const said: string[] = [];
    for (let at = 0; at < times; at++) {
      for (const word of [...words, 0x6400, 0x6402, 0x6403]) {
        const { pcsc, read } = newReader();
        const transmit = pcsc.transmit.bind(pcsc);
        let left = at;
        pcsc.transmit = async (...command) =>
          left-- === 0 ? { code: 0, response: octetsOf(word) } : transmit(...command);
        if (saysCancelled(await read())) said.push(`${at} ${word.toString(16)}`);
      }
    }
    expect(said).toEqual([]);
  }, 60_000);
});
