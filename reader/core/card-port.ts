/** A card during an exclusive transaction. */
export interface CardChannel {
  /**
   * Sends a command APDU and resolves to its response APDU. Rejects with a ReaderError if the card
   * is lost.
   */
  readonly transmit: (command: Uint8Array) => Promise<Uint8Array>;
  /**
   * Lets the reader's PIN pad complete the VERIFY command; absent if there is none. Resolves to the
   * card's response.
   */
  readonly verifyOnPinPad?: (verify: Uint8Array, digits: number) => Promise<Uint8Array>;
}

/** The card on the reader, as used by the core. */
export interface CardPort {
  /**
   * Runs `use` in one exclusive transaction with one card. At its end, the card is reset, so that
   * every verified PIN is forgotten. If the card is removed, exchanged or reset, every later
   * command is refused.
   */
  exclusively<T>(use: (channel: CardChannel) => Promise<T>): Promise<T>;
}
