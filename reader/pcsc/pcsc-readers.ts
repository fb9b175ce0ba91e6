import type { CardChannel, CardPort } from '../core/card-port.ts';
import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';
import { pcscLimits } from './limits.ts';
import {
  cardCount,
  dispositions,
  pcscCodes,
  plugAndPlay,
  stateFlags,
  type KnownState,
  type PcscApi,
  type PcscHandle,
} from './pcsc-api.ts';
import { contextIsDead, readerErrorOf } from './pcsc-errors.ts';
import { findPinPad, verifyOnPinPad } from './pin-pad.ts';

export interface ReaderSight {
  readonly name: string;
  readonly card: 'present' | 'absent' | 'mute' | 'unavailable';
}

export interface PcscOptions {
  /** Names of connected readers without a PC/SC driver. */
  readonly withoutDriver?: () => readonly string[];
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

export interface WaitOptions {
  /** The reader's full name or a unique part of it; absent: any reader. */
  readonly reader?: string;
  readonly timeoutMs: number;
  /** Aborted only when a person cancels: the reading then ends as `cancelled`. */
  readonly cancelled?: AbortSignal;
}

/**
 * The readers of this machine. The states of service, readers and handles are queried anew at each
 * step: only the context is kept, and replaced when invalid.
 */
export class PcscReaders {
  readonly #api: PcscApi;
  readonly #options: Required<PcscOptions>;
  #context: PcscHandle | undefined;

  constructor(api: PcscApi, options: PcscOptions = {}) {
    this.#api = api;
    this.#options = {
      withoutDriver: () => [],
      now: Date.now,
      pause: (ms) =>
        new Promise((resolve) => {
          setTimeout(resolve, ms);
        }),
      ...options,
    };
  }

  async close(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    if (context !== undefined) await this.#api.releaseContext(context);
  }

  /** All readers, and whether each has a card. */
  async list(): Promise<readonly ReaderSight[]> {
    const names = await this.#names();
    if (names.length === 0) return [];
    const states = await this.#states(
      names.map((reader) => ({ reader, state: 0 })),
      0,
    );
    return names.map((name, i) => ({ name, card: sightOf(states[i]!) }));
  }

  /**
   * Waits for a card and returns it as a port. Meanwhile readers may come and go, and the service
   * may restart; after the timeout, the error states what prevented finding a card.
   */
  async waitForCard(options: WaitOptions): Promise<CardPort & { readonly reader: string }> {
    const deadline = this.#options.now() + options.timeoutMs;
    let known = new Map<string, number>();
    for (;;) {
      if (options.cancelled?.aborted) throw new ReaderError('cancelled');
      let reason: ReaderError;
      try {
        const names = await this.#names();
        const chosen = choose(names, options.reader);
        const states = await this.#states(
          chosen.map((reader) => ({ reader, state: 0 })),
          0,
        );
        const withCard = chosen.filter((_, i) => sightOf(states[i]!) === 'present');
        if (withCard.length > 1) throw new ReaderError('cards-several', { devices: withCard });
        if (withCard.length === 1) return this.port(withCard[0]!);
        const mute = states.some((state) => sightOf(state) === 'mute');
        reason = new ReaderError(mute ? 'card-unresponsive' : 'card-absent');
        known = new Map(chosen.map((reader, i) => [reader, states[i]!]));
      } catch (error) {
        if (!(error instanceof ReaderError) || !passing.has(error.code)) throw error;
        reason = error;
        known = new Map();
      }
      const left = deadline - this.#options.now();
      if (left <= 0) throw reason;
      await this.#untilChange(known, Math.min(left, pcscLimits.waitSliceMs));
    }
  }

  /** The card that is on one reader when the session begins. */
  port(reader: string): CardPort & { readonly reader: string } {
    return { reader, exclusively: (use) => this.#exclusively(reader, use) };
  }

  async #exclusively<T>(reader: string, use: (channel: CardChannel) => Promise<T>): Promise<T> {
    const api = this.#api;
    const { card, protocol } = await this.#connect(reader);
    let ended = false;
    try {
      const count = await this.#cardCount(reader);
      const pinPad = await findPinPad(api, card);
      let lost: ReaderError | undefined;
      /**
       * Once the card is lost, the session stays ended, even if the driver would address the next
       * card.
       */
      const guarded = async (step: () => Promise<Uint8Array>): Promise<Uint8Array> => {
        if (lost) throw lost;
        try {
          return await step();
        } catch (error) {
          if (error instanceof ReaderError && error.code !== 'pinpad-failed') lost = error;
          throw error;
        }
      };
      const result = await this.#unlessMoved(reader, count, use, {
        transmit: (command) =>
          guarded(async () => {
            const { code, response } = await api.transmit(card, protocol, command);
            if (code !== pcscCodes.success) throw this.#failed(code);
            // Some drivers report success with an empty response when the card is gone.
            if (response.length >= 2) return response;
            const moved = (await this.#cardCount(reader)) !== count;
            throw new ReaderError(moved ? 'card-removed' : 'card-unresponsive');
          }),
        ...(pinPad === undefined
          ? {}
          : {
              verifyOnPinPad: (verify: Uint8Array, digits: number) =>
                guarded(() => verifyOnPinPad(api, card, pinPad, verify, digits)),
            }),
      });
      const code = await api.endTransaction(card, dispositions.reset);
      ended = forgetsPins.has(code);
      if (ended && code !== pcscCodes.success) throw this.#failed(code);
      return result;
    } finally {
      // Resets the card so that it forgets its PINs; on an invalid handle, this has no effect.
      if (!ended) ended = forgetsPins.has(await api.endTransaction(card, dispositions.reset));
      // After the end of the transaction another program may use the card: no second reset. Once
      // the card is gone, a reset would reach the next one; pcsc-lite then reports a card as present
      // even after its removal, until another one comes.
      await api.disconnect(card, ended ? dispositions.leave : dispositions.reset);
    }
  }

  /**
   * Uses the card; `card-removed` if cards came or went meanwhile. A card that is put back is powered
   * up again, so that its answers fit no step: they are not reported as the card's own fault.
   */
  async #unlessMoved<T>(
    reader: string,
    count: number,
    use: (channel: CardChannel) => Promise<T>,
    channel: CardChannel,
  ): Promise<T> {
    let result: T;
    try {
      result = await use(channel);
    } catch (error) {
      if (!(error instanceof ReaderError) || !cardsOwnFault.has(error.code)) throw error;
      const now = await this.#cardCount(reader).catch(() => count);
      throw now === count ? error : new ReaderError('card-removed', {}, { cause: error });
    }
    if ((await this.#cardCount(reader)) !== count) throw new ReaderError('card-removed');
    return result;
  }

  /** Connects and begins the transaction; waits briefly for other programs. */
  async #connect(reader: string): Promise<{ card: PcscHandle; protocol: number }> {
    const until = this.#options.now() + pcscLimits.busyMs;
    for (let anew = 0; ;) {
      const { code, card, protocol } = await this.#api.connect(await this.#established(), reader);
      if (code === pcscCodes.success) {
        const begun = await this.#begin(card);
        if (begun === pcscCodes.success) return { card, protocol };
        await this.#api.disconnect(card, dispositions.leave);
        // Another program reset the card before the transaction: no PIN state is lost yet.
        const harmless = begun === pcscCodes.resetCard || contextIsDead(begun);
        if (!harmless || anew++ >= 3) throw this.#failed(begun);
        if (contextIsDead(begun)) await this.#drop();
        continue;
      }
      if (contextIsDead(code) && anew++ < 2) {
        await this.#drop();
        continue;
      }
      if (code !== pcscCodes.sharingViolation || this.#options.now() > until) {
        throw this.#failed(code);
      }
      await this.#options.pause(50);
    }
  }

  /** SCardBeginTransaction has no timeout. */
  async #begin(card: PcscHandle): Promise<number> {
    const beginning = this.#api.beginTransaction(card);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), pcscLimits.busyMs);
    });
    const first = await Promise.race([beginning, late]);
    clearTimeout(timer);
    if (first !== 'late') return first;
    // If it begins after the timeout, it is ended immediately.
    void beginning.then((code) =>
      code === pcscCodes.success ? this.#api.endTransaction(card, dispositions.leave) : code,
    );
    return pcscCodes.sharingViolation;
  }

  async #cardCount(reader: string): Promise<number> {
    const [state] = await this.#states([{ reader, state: 0 }], 0);
    return cardCount(state!);
  }

  async #names(): Promise<readonly string[]> {
    for (let anew = 0; ; anew++) {
      const { code, readers } = await this.#api.listReaders(await this.#established());
      if (code === pcscCodes.success && readers.length > 0) return readers;
      if (code === pcscCodes.success || code === pcscCodes.noReaders) {
        const devices = this.#options.withoutDriver();
        throw devices.length > 0
          ? new ReaderError('reader-driver-missing', { devices })
          : new ReaderError('reader-none');
      }
      if (!contextIsDead(code) || anew > 0) throw this.#failed(code);
      await this.#drop();
    }
  }

  /** The states now, or at the next change within the timeout. */
  async #states(known: readonly KnownState[], timeoutMs: number): Promise<readonly number[]> {
    if (known.length === 0) return [];
    const { code, states } = await this.#api.getStatusChange(
      await this.#established(),
      timeoutMs,
      known,
    );
    if (code === pcscCodes.success || code === pcscCodes.timeout) return states;
    if (contextIsDead(code)) {
      await this.#drop();
      throw new ReaderError('reader-service-stopped', {
        pcscCode: code.toString(16).padStart(8, '0'),
      });
    }
    throw this.#failed(code);
  }

  async #untilChange(known: ReadonlyMap<string, number>, ms: number): Promise<void> {
    if (known.size === 0) {
      await this.#options.pause(Math.min(ms, pcscLimits.retryMs));
      return;
    }
    const watched = [...known].map(([reader, state]) => ({
      reader,
      state: state & ~stateFlags.changed,
    }));
    const start = this.#options.now();
    try {
      await this.#states([...watched, { reader: plugAndPlay, state: known.size << 16 }], ms);
    } catch (error) {
      // The reader is reported again at the next query.
      if (!(error instanceof ReaderError)) throw error;
    }
    // Limits the rate for drivers that report changes continuously.
    if (this.#options.now() - start < 20) await this.#options.pause(Math.min(ms, 50));
  }

  async #established(): Promise<PcscHandle> {
    if (this.#context !== undefined) return this.#context;
    const { code, context } = await this.#api.establishContext();
    if (code !== pcscCodes.success) throw readerErrorOf(code);
    this.#context = context;
    return context;
  }

  async #drop(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    if (context !== undefined) await this.#api.releaseContext(context);
  }

  #failed(code: number): ReaderError {
    if (contextIsDead(code)) void this.#drop();
    return readerErrorOf(code);
  }
}

/** Results of SCardEndTransaction with a reset after which the card holds no verified PIN. */
const forgetsPins: ReadonlySet<number> = new Set([
  pcscCodes.success,
  pcscCodes.removedCard,
  pcscCodes.resetCard,
]);

/** Errors that accuse the card, which is right only if it was the same card throughout. */
const cardsOwnFault: ReadonlySet<ReaderCode> = new Set<ReaderCode>([
  'card-answer-invalid',
  'card-not-supported',
  'card-reset',
  'certificate-unreadable',
  'signature-invalid',
  'chip-record-invalid',
  'chip-certificate-invalid',
  'chip-proof-invalid',
  'attributes-invalid',
  'pinpad-unverified',
]);

/** Errors that may resolve while waiting for a card. */
const passing: ReadonlySet<string> = new Set([
  'reader-none',
  'reader-driver-missing',
  'reader-unknown',
  'reader-gone',
  'reader-service-stopped',
  'reader-failed',
  'card-unresponsive',
]);

function choose(names: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  const partly = names.filter((name) => name.includes(wanted));
  if (partly.length === 0) throw new ReaderError('reader-unknown', { devices: names });
  return partly;
}

function sightOf(state: number): ReaderSight['card'] {
  if (state & (stateFlags.unknown | stateFlags.unavailable)) return 'unavailable';
  if (!(state & stateFlags.present)) return 'absent';
  return state & stateFlags.mute ? 'mute' : 'present';
}
