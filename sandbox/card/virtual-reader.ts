import { SandboxStartError } from '../cloud/sandbox-start-error.ts';
import type { CardReader, Jlis } from '../jlis/start-jlis.ts';
import { pcscdLacks, slotNames, startPcscd } from './pcscd.ts';
import { personalise } from './personalise.ts';
import { VirtualCard } from './virtual-card.ts';

/**
 * A reader of this machine's smart card service, for the cards of the simulated J-LIS.
 * @param waitMs how long another smart card service may take to end
 * @throws SandboxStartError naming what this machine lacks, or that such a service runs already
 */
export async function startVirtualReader(
  jlis: Jlis,
  waitMs = 0,
): Promise<CardReader & { close(): Promise<void> }> {
  const lacking = pcscdLacks();
  if (lacking !== undefined)
    throw new SandboxStartError(
      `--reader needs ${lacking}: on Debian, as root, apt-get install pcscd vsmartcard-vpcd iproute2`,
    );
  const pcscd = await startPcscd(waitMs).catch((cause: unknown) => {
    throw new SandboxStartError(`--reader: ${(cause as Error).message}`, { cause });
  });
  const [slot] = pcscd.slots;
  return {
    name: slotNames[0],
    put: async (card) =>
      slot.put(new VirtualCard(await personalise(jlis, card, jlis.chipAuthority))),
    remove: () => slot.remove(),
    close: () => pcscd.close(),
  };
}
