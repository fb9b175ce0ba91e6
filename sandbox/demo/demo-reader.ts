import type { CardPort } from '../../reader/core/card-port.ts';
import { openNativePcsc } from '../../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import { InProcessReader } from '../card/in-process-port.ts';
import { pcscdLacks, slotNames, startPcscd } from '../card/pcscd.ts';
import type { ChipContents } from '../card/personalise.ts';
import { VirtualCard } from '../card/virtual-card.ts';

/** A reader on which virtual cards are put. */
export interface DemoReader {
  readonly transport: string;
  /** Whether other programs of this machine see the card as well. */
  readonly isShared: boolean;
  put(contents: ChipContents): Promise<CardPort>;
  close(): Promise<void>;
}

/** The daemon looks for cards twice a second. */
const noticedMs = 1_000;

/** Through a real smart card service where this machine can run one, otherwise in process. */
export async function openReader(): Promise<DemoReader> {
  const lacking = pcscdLacks();
  if (lacking !== undefined)
    return inProcess(`the reader in process: this machine lacks ${lacking}`);
  const pcscd = await startPcscd().catch((error: unknown) => String(error));
  if (typeof pcscd === 'string') return inProcess(`the reader in process (${pcscd})`);
  const readers = new PcscReaders(openNativePcsc());
  const [slot] = pcscd.slots;
  return {
    transport: `PC/SC: pcscd and the reader "${slotNames[0]}"`,
    isShared: true,
    put: async (contents) => {
      await slot.remove();
      await new Promise((resolve) => {
        setTimeout(resolve, noticedMs);
      });
      await slot.put(new VirtualCard(contents));
      return readers.waitForCard({ timeoutMs: 15_000 });
    },
    close: async () => {
      await readers.close();
      await pcscd.close();
    },
  };
}

const inProcess = (transport: string): DemoReader => ({
  transport,
  isShared: false,
  put: async (contents) => new InProcessReader(new VirtualCard(contents)),
  close: async () => undefined,
});
