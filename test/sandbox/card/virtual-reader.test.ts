import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openNativePcsc } from '../../../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../../../reader/pcsc/pcsc-readers.ts';
import { pcscdLacks, slotNames } from '../../../sandbox/card/pcscd.ts';
import { startVirtualReader } from '../../../sandbox/card/virtual-reader.ts';
import { control } from '../../../sandbox/jlis/control-client.ts';
import { startJlis, type Jlis } from '../../../sandbox/jlis/start-jlis.ts';

/** Another test of this machine may use pcscd's only socket. */
const waitMs = 150_000;

let jlis: Jlis;

beforeAll(async () => {
  jlis = await startJlis({ port: 0 });
});
afterAll(() => jlis.close());

const reader = (body: object) => control<Record<string, unknown>>(jlis.url, 'reader', body);

describe('POST /control/reader', () => {
  it('says how to start the sandbox with a reader', async () => {
    expect(await reader({})).toMatchObject({
      status: 409,
      code: 'no-reader',
      detail: expect.stringContaining('npm start -- --reader'),
    });
  });

  const withPcscd = pcscdLacks() === undefined ? it : it.skip;
  withPcscd(
    'puts a card on the reader and takes it away, as programs of this machine see',
    async () => {
      const virtual = await startVirtualReader(jlis, waitMs);
      const readers = new PcscReaders(openNativePcsc());
      const seen = async (): Promise<string | undefined> =>
        (await readers.list()).find(({ name }) => name === slotNames[0])?.card;
      const until = async (state: string): Promise<void> => {
        while ((await seen()) !== state)
          await new Promise((resolve) => {
            setTimeout(resolve, 200);
          });
      };
      try {
        jlis.reader = virtual;
        const { cardId } = await control(jlis.url, 'cards', {});
        await until('absent');
        expect(await reader({ cardId })).toMatchObject({
          status: 200,
          reader: slotNames[0],
          cardId,
        });
        await until('present');
        expect(await reader({ cardId: 'card-0' })).toMatchObject({ status: 404 });
        expect(await reader({})).toMatchObject({ status: 200, cardId: null });
        await until('absent');
      } finally {
        await readers.close();
        await virtual.close();
        jlis.reader = undefined;
      }
    },
    waitMs + 30_000,
  );
});
