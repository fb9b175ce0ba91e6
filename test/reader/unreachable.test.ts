import { beforeAll, describe, expect, it } from '@jest/globals';
import { applications } from '../../reader/core/card-profile.ts';
import { CardSession } from '../../reader/core/card-session.ts';
import { commands } from '../../reader/core/commands.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, openIssuer, type IssuedCard } from './support/cards.ts';
import { judge, withoutWatch } from './support/watch-apdus.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
let issued: IssuedCard;
beforeAll(async () => {
  issued = await newCard(await openIssuer());
});

describe('the individual number and the verification number A', () => {
  it('have no name in the profile, so that no command for them can be written', () => {
    const { files, references } = applications.inputAssistance;
    expect(Object.values(files)).not.toContain(0x0001);
    expect(Object.values(references).map(({ id }) => id)).not.toContain(0x0014);
    expect(Object.values(applications.surface.references).map(({ id }) => id)).toEqual([0x0011]);
    expect(Object.values(applications.surface.files)).toEqual([0x0001, 0x0004]);
  });

  it.each(['individualNumber', 'constructor', '__proto__', '0001', 'toString'])(
    'cannot be reached by the name %s, types or not',
    (name) => {
      expect(() => commands.selectFile('inputAssistance', name as 'attributes')).toThrow(
        RangeError,
      );
      expect(() =>
        commands.selectReference('inputAssistance', name as 'inputAssistancePin'),
      ).toThrow(RangeError);
      expect(() => commands.selectApplication(name as 'jpki')).toThrow(RangeError);
    },
  );

  it('are not reached by way of the surface application, whose EF 0001 has the same number', async () => {
    await new InProcessReader(issued.card).exclusively(async (channel) => {
      const session = new CardSession(channel);
      await session.open('inputAssistance');
      await expect(session.open('surface')).rejects.toThrow(RangeError);
    });
  });

  it('are not reached through an application that is no longer selected', async () => {
    await new InProcessReader(issued.card).exclusively(async (channel) => {
      const session = new CardSession(channel);
      const surface = await session.open('surface');
      await session.open('inputAssistance');
      await expect(surface!.readObject('chipRecord')).rejects.toThrow(RangeError);
    });
  });

  it('cannot be entered: twelve digits are no form of any reference', () => {
    for (const application of Object.values(applications)) {
      for (const { form } of Object.values(application.references)) {
        expect(form.test('123456789018')).toBe(false);
      }
    }
  });
});

describe('the virtual card', () => {
  it.each([
    ['selected', '00a4020c020001', 'select'],
    ['read', '00b0000000', 'read'],
    ['opened by number A', '00a4020c020014', 'verification number A'],
  ])('records when the individual number is %s', async (_, command, attempt) => {
    const card = withoutWatch(new VirtualCard(issued.contents));
    for (const step of ['00a4040c0ad3921000310001010408', '00a4020c020001', command]) {
      await card.transmit(Buffer.from(step, 'hex'));
    }
    expect(card.forbiddenAttempts).toContain(attempt);
  });

  it('answers a read of it with a security status, also behind the right PIN', async () => {
    const card = withoutWatch(new VirtualCard(issued.contents));
    const steps = ['00a4040c0ad3921000310001010408', '00a4020c020011', '002000800431323334'];
    for (const step of steps) {
      expect(hex(await card.transmit(Buffer.from(step, 'hex')))).toBe('9000');
    }
    await card.transmit(Buffer.from('00a4020c020001', 'hex'));
    expect(hex(await card.transmit(Buffer.from('00b0000000', 'hex')))).toBe('6982');
  });
});

describe('the watch over every command', () => {
  it.each([
    ['the individual number’s file', ['00a4040c0ad3921000310001010408'], '00a4020c020001'],
    ['number A', ['00a4040c0ad3921000310001010408'], '00a4020c020014'],
    ['number A of the surface', ['00a4040c0ad3921000310001010402'], '00a4020c020013'],
    ['an application that is not ours', [], '00a4040c0ad3921000310001010100'],
    ['a short file identifier', [], '00b0810000'],
    ['READ BINARY with an odd instruction', [], '00b1000000'],
    ['a change of PIN', [], '002400800431323334'],
    [
      'the surface’s record after input assistance',
      ['00a4040c0ad3921000310001010408', '00a4040c0ad3921000310001010402'],
      '00a4020c020001',
    ],
    [
      'twelve digits',
      ['00a4040c0ad3921000310001010408', '00a4020c020015'],
      '002000800c313233343536373839303132',
    ],
  ])('sees %s', (_, before, command) => {
    const card = withoutWatch(new VirtualCard(issued.contents));
    for (const step of before) {
      expect(judge(card, Buffer.from(step, 'hex'), true)).toBeUndefined();
    }
    expect(judge(card, Buffer.from(command, 'hex'), true)).toEqual(expect.any(String));
  });
});
