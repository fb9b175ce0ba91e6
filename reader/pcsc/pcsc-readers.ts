import type { CardChannel, CardPort } from '../core/card-port.ts';
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
  /** Names of readers that are plugged in without a PC/SC driver. */
  readonly withoutDriver?: () => readonly string[];
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

export interface WaitOptions {
  /** Its whole name, or a part of it that only one reader has; any reader otherwise. */
  readonly reader?: string;
  readonly timeoutMs: number;
  /** Aborted by a person, and by nothing else: it ends as `cancelled`. */
  readonly cancelled?: AbortSignal;
}

/**
 * The readers of this machine. Whatever becomes of service, readers and handles is found out anew at
 * each step: nothing is remembered but the context, and that is replaced when it is dead.
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

  /** All readers, and whether a card lies on each. */
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
   * Waits for a card and gives it as a port. Readers may come and go and the service may stop and start
   * meanwhile; what kept a card from being found is said when the time is up.
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

  /** The card on one reader, whichever it is when the session begins. */
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
      /** Once the card is lost it stays so, also where the driver would talk to the next one. */
      const guarded = async (step: () => Promise<Uint8Array>): Promise<Uint8Array> => {
        if (lost) throw lost;
        try {
          return await step();
        } catch (error) {
          if (error instanceof ReaderError && error.code !== 'pinpad-failed') lost = error;
          throw error;
        }
      };
      const result = await use({
        transmit: (command) =>
          guarded(async () => {
            const { code, response } = await api.transmit(card, protocol, command);
            if (code !== pcscCodes.success) throw this.#failed(code);
            // Some drivers answer nothing, with success, when the card is gone.
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
      // Pulled and put back so fast that no command met the gap.
      if ((await this.#cardCount(reader)) !== count) throw new ReaderError('card-removed');
      const code = await api.endTransaction(card, dispositions.reset);
      ended = code === pcscCodes.success;
      if (code === pcscCodes.removedCard || code === pcscCodes.resetCard) throw this.#failed(code);
      return result;
    } finally {
      // The card forgets its PINs; on a handle that is dead by now, nothing happens.
      if (!ended) ended = (await api.endTransaction(card, dispositions.reset)) === 0;
      // Once the transaction has ended the card may be another program's: no second reset.
      await api.disconnect(card, ended ? dispositions.leave : dispositions.reset);
    }
  }

  /** Connects and begins the transaction; waits a little for other programs. */
  async #connect(reader: string): Promise<{ card: PcscHandle; protocol: number }> {
    const until = this.#options.now() + pcscLimits.busyMs;
    for (let anew = 0; ;) {
      const { code, card, protocol } = await this.#api.connect(await this.#established(), reader);
      if (code === pcscCodes.success) {
        const begun = await this.#begin(card);
        if (begun === pcscCodes.success) return { card, protocol };
        await this.#api.disconnect(card, dispositions.leave);
        // Another program reset the card before the transaction began: no PIN state is lost yet.
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

  /** SCardBeginTransaction has no time limit of its own. */
  async #begin(card: PcscHandle): Promise<number> {
    const beginning = this.#api.beginTransaction(card);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), pcscLimits.busyMs);
    });
    const first = await Promise.race([beginning, late]);
    clearTimeout(timer);
    if (first !== 'late') return first;
    // Whenever it begins after all, it ends at once.
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

  /** The states now, or at the next change within the time. */
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
      // It will show again when the readers are next looked at.
      if (!(error instanceof ReaderError)) throw error;
    }
    // A driver that tells of changes without end does not keep this machine busy.
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

/** What may pass while a card is waited for. */
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
