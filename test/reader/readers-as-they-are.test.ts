import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readerCodes } from '../../reader/core/codes.ts';
import { onPinPad, readCard } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { pcscCodes } from '../../reader/pcsc/pcsc-api.ts';
import { readerErrorOf } from '../../reader/pcsc/pcsc-errors.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import { pluggedInReaders } from '../../reader/pcsc/usb-readers.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './support/cards.ts';
import { ScriptedPcsc } from './support/scripted-pcsc.ts';

let issuer: Issuer;
let tanaka: IssuedCard;
let suzuki: IssuedCard;
let pcsc: ScriptedPcsc;
let readers: PcscReaders;
let card: VirtualCard;

beforeAll(async () => {
  issuer = await openIssuer();
  tanaka = await newCard(issuer, { person: { birthDate: '1980-11-21' } });
  suzuki = await newCard(issuer);
});

beforeEach(() => {
  pcsc = new ScriptedPcsc();
  readers = new PcscReaders(pcsc);
  card = new VirtualCard(tanaka.contents);
  tanaka.issued.slots['user-authentication'].triesLeft = 3;
});

const challenge = Buffer.from('challenge');
const withPin = {
  challenge,
  credentials: { userAuthenticationPin: '1234' },
  roots: [],
} as const;
const hold = { chipChallenge: challenge, credentials: {}, roots: [] } as const;

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  const error: unknown = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ReaderError);
  return (error as ReaderError).code;
}

describe('the smart card service', () => {
  it('that Windows stops with the last reader is found again with the next, all handles anew', async () => {
    pcsc.plug('A', card);
    await readCard(await readers.waitForCard({ timeoutMs: 0 }), hold);
    pcsc.unplug('A');
    pcsc.stopService();
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('reader-service-stopped');
    pcsc.startService();
    pcsc.plug('A', card);
    const { certificate } = await readCard(await readers.waitForCard({ timeoutMs: 0 }), hold);
    expect(Buffer.from(certificate)).toEqual(tanaka.contents.jpki.certificate);
  });

  it('that starts while a card is waited for', async () => {
    pcsc.stopService();
    const waiting = readers.waitForCard({ timeoutMs: 5000 });
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    pcsc.startService();
    pcsc.plug('A', card);
    expect((await waiting).reader).toBe('A');
  });

  it('that stops in the middle of a file ends the reading by its own name', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('transmit', undefined, undefined, undefined, undefined, () => {
      pcsc.stopService();
      return undefined;
    });
    expect(await codeOf(readCard(port, hold))).toBe('reader-service-stopped');
  });

  it('whose context died unnoticed is asked again with a new one', async () => {
    pcsc.plug('A', card);
    await readers.list();
    pcsc.stopService();
    pcsc.startService();
    expect(await readers.list()).toEqual([{ name: 'A', card: 'present' }]);
  });
});

describe('a reader', () => {
  it('that is plugged in again is found without a restart', async () => {
    pcsc.plug('A', card);
    expect((await readers.waitForCard({ timeoutMs: 0 })).reader).toBe('A');
    pcsc.unplug('A');
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('reader-none');
    pcsc.plug('A', card);
    expect((await readers.waitForCard({ timeoutMs: 0 })).reader).toBe('A');
  });

  it('that is unplugged in the middle is named as gone', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('transmit', undefined, undefined, undefined, () => {
      pcsc.unplug('A');
      return undefined;
    });
    expect(await codeOf(readCard(port, hold))).toBe('reader-gone');
  });

  it('that goes between the list and the question for its state is looked for again', async () => {
    pcsc.plug('A');
    pcsc.plug('B', card);
    pcsc.script('getStatusChange', () => {
      pcsc.unplug('A');
      return pcscCodes.unknownReader;
    });
    expect((await readers.waitForCard({ timeoutMs: 1000 })).reader).toBe('B');
  });

  it('of several interfaces in one device is the one with the card', async () => {
    pcsc.plug('ACME Dual [Contact Interface] 00 00');
    pcsc.plug('ACME Dual [Contactless Interface] 00 01', card);
    pcsc.plug('ACME Dual [SAM Interface] 00 02');
    const port = await readers.waitForCard({ timeoutMs: 0 });
    expect(port.reader).toBe('ACME Dual [Contactless Interface] 00 01');
  });

  it('is chosen by a part of its name', async () => {
    pcsc.plug('Desk', new VirtualCard(suzuki.contents));
    pcsc.plug('Kiosk 00 00', card);
    expect((await readers.waitForCard({ timeoutMs: 0, reader: 'Kiosk' })).reader).toBe(
      'Kiosk 00 00',
    );
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0, reader: 'Cellar' }))).toBe(
      'reader-unknown',
    );
  });

  it('is not guessed where cards lie on several', async () => {
    pcsc.plug('A', card);
    pcsc.plug('B', new VirtualCard(suzuki.contents));
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('cards-several');
  });

  it('without a PC/SC driver is named, with the cure', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-key-usb-'));
    const device = (name: string, files: Record<string, string>): void => {
      mkdirSync(join(folder, name));
      for (const [file, text] of Object.entries(files)) {
        writeFileSync(join(folder, name, file), `${text}\n`);
      }
    };
    device('1-1', { idVendor: '1234', idProduct: '0001', manufacturer: 'ACME', product: 'Reader' });
    device('1-1:1.0', { bInterfaceClass: '0b' });
    device('1-2', {
      idVendor: '054c',
      idProduct: '06c3',
      manufacturer: 'Sony',
      product: 'RC-S380',
    });
    device('1-2:1.0', { bInterfaceClass: 'ff' });
    device('1-3', { idVendor: '046d', idProduct: 'c31c', product: 'Keyboard' });
    device('1-3:1.0', { bInterfaceClass: '03' });
    try {
      const withDriver = new PcscReaders(pcsc, { withoutDriver: () => pluggedInReaders(folder) });
      await expect(withDriver.waitForCard({ timeoutMs: 0 })).rejects.toMatchObject({
        code: 'reader-driver-missing',
        details: { devices: ['ACME Reader', 'Sony RC-S380'] },
        cure: { en: expect.stringContaining('driver'), ja: expect.stringContaining('ドライバー') },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a card', () => {
  it('that is pulled and put back within a second is not the same reading', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('transmit', undefined, undefined, undefined, undefined, undefined, () => {
      pcsc.remove('A');
      pcsc.put('A', card);
      return undefined;
    });
    expect(await codeOf(readCard(port, hold))).toBe('card-removed');
    // The next reading is as any other.
    await readCard(await readers.waitForCard({ timeoutMs: 0 }), hold);
  });

  it.each([
    ['that is pulled and put back between two commands is noticed at the end', undefined],
    ['also where the driver ends the transaction as if nothing had happened', pcscCodes.success],
  ])('%s', async (_, end) => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('endTransaction', end);
    const noticed = port.exclusively(async () => {
      pcsc.remove('A');
      pcsc.put('A', card);
    });
    expect(await codeOf(noticed)).toBe('card-removed');
  });

  it('that lies there after another was removed is not reset by the session of that other', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    const next = new VirtualCard(suzuki.contents);
    const ended = port.exclusively(async ({ transmit }) => {
      pcsc.remove('A');
      pcsc.put('A', next);
      return transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'));
    });
    expect(await codeOf(ended)).toBe('card-removed');
    // Once, when it was powered up.
    expect(next.resets).toBe(1);
  });

  it.each(['6986', '6a82'])(
    'that was put back and powered up again is not accused of its answer %s',
    async (answer) => {
      pcsc.plug('A', card);
      const port = await readers.waitForCard({ timeoutMs: 0 });
      const transmit = pcsc.transmit.bind(pcsc);
      const answers = (moved: boolean) => {
        let left = 4;
        pcsc.transmit = async (...call) => {
          if (--left !== 0) return transmit(...call);
          if (moved) pcsc.readers.get('A')!.count++;
          return { code: 0, response: Buffer.from(answer, 'hex') };
        };
        return codeOf(readCard(port, hold));
      };
      expect(await answers(false)).toBe('card-answer-invalid');
      expect(await answers(true)).toBe('card-removed');
    },
  );

  it('that is removed in the middle of a file ends the reading', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('transmit', undefined, undefined, undefined, undefined, () => {
      pcsc.remove('A');
      return undefined;
    });
    expect(await codeOf(readCard(port, hold))).toBe('card-removed');
  });

  it('that answers nothing, with success, was removed or does not respond', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    const silent = (remove: boolean) =>
      port.exclusively(async ({ transmit }) => {
        pcsc.transmit = async () => {
          if (remove) pcsc.remove('A');
          return { code: 0, response: new Uint8Array(0) };
        };
        return transmit(Buffer.of(0, 0xa4, 4, 0));
      });
    expect(await codeOf(silent(false))).toBe('card-unresponsive');
    expect(await codeOf(silent(true))).toBe('card-removed');
  });

  it('that another program resets after VERIFY has lost the PIN: said so, and not tried again', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    let seen = 0;
    const transmit = pcsc.transmit.bind(pcsc);
    pcsc.transmit = async (handle, protocol, command) => {
      const answer = await transmit(handle, protocol, command);
      if (command[1] === 0x20 && command.length > 5 && seen++ === 0) card.reset();
      return answer;
    };
    expect(await codeOf(readCard(port, withPin))).toBe('card-reset');
    expect(seen).toBe(1);
    expect(tanaka.issued.slots['user-authentication'].triesLeft).toBe(3);
  });

  it('whose reset PC/SC reports is named as reset', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('transmit', undefined, undefined, pcscCodes.resetCard);
    expect(await codeOf(readCard(port, withPin))).toBe('card-reset');
  });

  it('that was reset before the session began is connected again', async () => {
    pcsc.plug('A', card);
    const port = await readers.waitForCard({ timeoutMs: 0 });
    pcsc.script('beginTransaction', pcscCodes.resetCard);
    await readCard(port, hold);
  });

  it('that another program holds is waited for, and then named as busy', async () => {
    let clock = 0;
    const patient = new PcscReaders(pcsc, {
      now: () => clock,
      pause: async (ms) => {
        clock += ms;
      },
    });
    pcsc.plug('A', card);
    const busy = pcscCodes.sharingViolation;
    pcsc.script('connect', busy, busy, busy);
    await readCard(patient.port('A'), hold);
    pcsc.script('connect', ...Array<number>(100).fill(busy));
    expect(await codeOf(readCard(patient.port('A'), hold))).toBe('card-busy');
  });

  it('that lies across the reader and is mute is asked to be put flat', async () => {
    pcsc.plug('A', card);
    pcsc.readers.get('A')!.mute = true;
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('card-unresponsive');
  });

  it('is let go of between two readings, its PINs forgotten', async () => {
    pcsc.plug('A', card);
    const before = card.resets;
    await readCard(await readers.waitForCard({ timeoutMs: 0 }), withPin);
    expect(card.resets).toBeGreaterThan(before);
    expect(pcsc.transactions).toBe(1);
  });
});

/** Behind the fixed part of PIN_VERIFY. */
const pinVerifyData = (input: Uint8Array): Uint8Array => input.subarray(19);
const padAnswers = (status: string) => async () => ({
  code: 0,
  output: Buffer.from(status, 'hex'),
});

describe('a PIN pad', () => {
  const onPad = { ...withPin, credentials: { userAuthenticationPin: onPinPad } } as const;

  it('enters the PIN: it never passes through this program', async () => {
    pcsc.plug('A', card);
    pcsc.pinPad = async (input, there) => {
      expect(Buffer.from(pinVerifyData(input)).toString('hex')).toBe('0020008004ffffffff');
      const output = await there.transmit(Buffer.from('002000800431323334', 'hex'));
      return { code: 0, output };
    };
    const { signature } = await readCard(await readers.waitForCard({ timeoutMs: 0 }), onPad);
    expect(signature).toBeDefined();
  });

  it.each([
    ['is cancelled', padAnswers('6401'), 'pinpad-cancelled'],
    ['times out', padAnswers('6400'), 'pinpad-timeout'],
    ['is given too few digits', padAnswers('6403'), 'pin-form'],
    ['is given a wrong PIN', padAnswers('63c2'), 'pin-wrong'],
    ['reports success without asking', padAnswers('9000'), 'pinpad-unverified'],
    ['answers nothing', padAnswers(''), 'pinpad-failed'],
    [
      'times out by return code',
      async () => ({ code: pcscCodes.timeout, output: new Uint8Array(0) }),
      'pinpad-timeout',
    ],
    [
      'is ended by its driver',
      async () => ({ code: pcscCodes.cancelled, output: new Uint8Array(0) }),
      'pinpad-failed',
    ],
    [
      'is cancelled, by a return code that no specification gives a PIN pad',
      async () => ({ code: pcscCodes.cancelledByUser, output: new Uint8Array(0) }),
      'pinpad-failed',
    ],
    [
      'is unplugged meanwhile',
      async () => ({ code: pcscCodes.readerUnavailable, output: new Uint8Array(0) }),
      'reader-gone',
    ],
    [
      'is stopped with its service',
      async () => ({ code: pcscCodes.serviceStopped, output: new Uint8Array(0) }),
      'reader-service-stopped',
    ],
    ['answers with more than a status word', padAnswers('00009000'), 'pinpad-failed'],
    ['answers a change of PIN', padAnswers('6402'), 'pinpad-failed'],
    [
      'loses the card',
      async () => ({ code: pcscCodes.removedCard, output: new Uint8Array(0) }),
      'card-removed',
    ],
  ])('that %s is said by name', async (_, pinPad, code) => {
    pcsc.plug('A', card);
    pcsc.pinPad = pinPad;
    const port = await readers.waitForCard({ timeoutMs: 0 });
    expect(await codeOf(readCard(port, onPad))).toBe(code);
  });

  it.each([
    ['fails', { code: pcscCodes.unsupportedFeature, output: new Uint8Array(0) }],
    ['is cut off', { code: 0, output: Buffer.from('0604', 'hex') }],
    ['names no pad', { code: 0, output: Buffer.from('120442330012', 'hex') }],
  ])('whose feature query %s is none: the screen asks', async (_, answer) => {
    pcsc.plug('A', card);
    pcsc.featureAnswer = answer;
    const port = await readers.waitForCard({ timeoutMs: 0 });
    expect(await codeOf(readCard(port, onPad))).toBe('pinpad-failed');
    await readCard(port, withPin);
  });
});

describe('cancelled', () => {
  it('is said of a person only: no return code of PC/SC means it', () => {
    const known = Object.values(pcscCodes);
    const others = Array.from({ length: 0x100 }, (_, i) => [0x80100000 + i, i]).flat();
    const codes = [...known, ...others].map((code) => readerErrorOf(code).code);
    expect(codes.every((code) => readerCodes.includes(code))).toBe(true);
    expect(codes).not.toContain('cancelled');
    expect(codes).not.toContain('pinpad-cancelled');
  });

  it.each(['listReaders', 'getStatusChange', 'establishContext'] as const)(
    'is not said when %s is cancelled by the system',
    async (call) => {
      pcsc.plug('A', card);
      pcsc.script(call, ...Array<number>(4).fill(pcscCodes.cancelled));
      expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).not.toBe('cancelled');
    },
  );

  it('is said when the person at the counter cancels', async () => {
    pcsc.plug('A');
    const person = new AbortController();
    const waiting = readers.waitForCard({ timeoutMs: 5000, cancelled: person.signal });
    person.abort();
    expect(await codeOf(waiting)).toBe('cancelled');
  });
});
