import type { CardChannel, CardPort } from '../../reader/core/card-port.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import type { VirtualCard } from './virtual-card.ts';

/** A reader in this process with one slot. Removal is noticed as with a real reader. */
export class InProcessReader implements CardPort {
  #card: VirtualCard | undefined;
  /**
   * Incremented with every inserted card: a reinserted card counts as another one for the session.
   */
  #placed = 0;
  #busy = false;

  constructor(card?: VirtualCard) {
    if (card) this.put(card);
  }

  put(card: VirtualCard): void {
    this.#card = card;
    this.#placed++;
    card.reset();
  }

  remove(): void {
    this.#card = undefined;
    this.#placed++;
  }

  async exclusively<T>(use: (channel: CardChannel) => Promise<T>): Promise<T> {
    if (this.#busy) throw new ReaderError('card-busy');
    const card = this.#card;
    if (!card) throw new ReaderError('card-absent');
    const placed = this.#placed;
    this.#busy = true;
    try {
      return await use({
        transmit: async (command) => {
          if (this.#placed !== placed) throw new ReaderError('card-removed');
          const answer = await card.transmit(command);
          if (this.#placed !== placed) throw new ReaderError('card-removed');
          return answer;
        },
      });
    } finally {
      this.#busy = false;
      // The next user finds no PIN verified.
      card.reset();
    }
  }
}
