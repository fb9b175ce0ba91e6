/** A card for as long as nobody else may talk to it. */
export interface CardChannel {
  /** One command APDU to one response APDU. Rejects with a ReaderError when the card is lost. */
  readonly transmit: (command: Uint8Array) => Promise<Uint8Array>;
  /**
   * Lets the reader's own PIN pad fill in the VERIFY command; absent where there is none. Resolves to
   * the card's answer.
   */
  readonly verifyOnPinPad?: (verify: Uint8Array, digits: number) => Promise<Uint8Array>;
}

/** The card on the reader, as the core sees it. */
export interface CardPort {
  /**
   * Runs `use` in one exclusive session with one card. When it ends, the card forgets every PIN.
   * A card that is removed, exchanged or reset ends the session: every later command is refused.
   */
  exclusively<T>(use: (channel: CardChannel) => Promise<T>): Promise<T>;
}
