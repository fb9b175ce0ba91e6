import {
  pcscCodes,
  stateFlags,
  type KnownState,
  type PcscApi,
  type PcscHandle,
} from '../../../reader/pcsc/pcsc-api.ts';
import type { VirtualCard } from '../../../sandbox/card/virtual-card.ts';

type Call = Exclude<keyof PcscApi, 'controlCode'>;

interface ScriptedReader {
  card: VirtualCard | undefined;
  /** Comes and goes of cards. */
  count: number;
  mute: boolean;
}

/**
 * PC/SC of a machine whose behaviour a test writes: a service that stops, readers that come and go,
 * return codes where the test wants them. Handles die as Windows lets them die.
 */
export class ScriptedPcsc implements PcscApi {
  readonly readers = new Map<string, ScriptedReader>();
  readonly calls: Call[] = [];
  running = true;
  /** What the reader's PIN pad does, by control code; none by default. */
  pinPad:
    | ((input: Uint8Array, card: VirtualCard) => Promise<{ code: number; output: Uint8Array }>)
    | undefined;
  featureAnswer: { code: number; output: Uint8Array } | undefined;
  transactions = 0;
  #generation = 1;
  #handles = new Map<PcscHandle, { generation: number; reader: string; count: number }>();
  #next = 1;
  readonly #scripts = new Map<Call, (() => number | undefined)[]>();

  plug(name: string, card?: VirtualCard): void {
    this.readers.set(name, { card: undefined, count: 0, mute: false });
    if (card) this.put(name, card);
  }

  unplug(name: string): void {
    this.readers.delete(name);
  }

  put(name: string, card: VirtualCard): void {
    const reader = this.readers.get(name)!;
    reader.card = card;
    reader.count++;
    card.reset();
  }

  remove(name: string): void {
    const reader = this.readers.get(name)!;
    reader.card = undefined;
    reader.count++;
  }

  stopService(): void {
    this.running = false;
    this.#generation++;
  }

  startService(): void {
    this.running = true;
  }

  /** The next calls of this name give these codes; undefined lets one through. A function acts first. */
  script(call: Call, ...steps: readonly (number | undefined | (() => number | undefined))[]): void {
    const queue = this.#scripts.get(call) ?? [];
    queue.push(...steps.map((step) => (typeof step === 'function' ? step : () => step)));
    this.#scripts.set(call, queue);
  }

  #scripted(call: Call): number | undefined {
    this.calls.push(call);
    const code = this.#scripts.get(call)?.shift()?.();
    if (code !== undefined) return code;
    return this.running ? undefined : pcscCodes.noService;
  }

  #alive(handle: PcscHandle): number | undefined {
    const known = this.#handles.get(handle);
    if (!known || known.generation !== this.#generation) return pcscCodes.windowsInvalidHandle;
    return undefined;
  }

  #open(reader: string, count: number): PcscHandle {
    const handle = this.#next++;
    this.#handles.set(handle, { generation: this.#generation, reader, count });
    return handle;
  }

  async establishContext() {
    const code = this.#scripted('establishContext');
    return code === undefined ? { code: 0, context: this.#open('', 0) } : { code, context: 0 };
  }

  async releaseContext(context: PcscHandle) {
    const code = this.#scripted('releaseContext');
    this.#handles.delete(context);
    return code ?? 0;
  }

  async listReaders(context: PcscHandle) {
    const code = this.#scripted('listReaders') ?? this.#alive(context);
    if (code !== undefined) return { code, readers: [] };
    const readers = [...this.readers.keys()];
    return { code: readers.length > 0 ? 0 : pcscCodes.noReaders, readers };
  }

  async getStatusChange(context: PcscHandle, _timeoutMs: number, known: readonly KnownState[]) {
    const code = this.#scripted('getStatusChange') ?? this.#alive(context);
    const states = known.map(({ reader }) => {
      const found = this.readers.get(reader);
      if (!found) return stateFlags.unknown;
      const present = found.card ? stateFlags.present : stateFlags.empty;
      return (found.count << 16) | present | (found.mute ? stateFlags.mute : 0);
    });
    return { code: code ?? 0, states };
  }

  async cancel() {
    return this.#scripted('cancel') ?? 0;
  }

  async connect(context: PcscHandle, reader: string) {
    const code = this.#scripted('connect') ?? this.#alive(context);
    const found = this.readers.get(reader);
    if (code !== undefined) return { code, card: 0, protocol: 0 };
    if (!found) return { code: pcscCodes.unknownReader, card: 0, protocol: 0 };
    if (!found.card) return { code: pcscCodes.noSmartcard, card: 0, protocol: 0 };
    return { code: 0, card: this.#open(reader, found.count), protocol: 2 };
  }

  async disconnect(card: PcscHandle, disposition: number) {
    const code = this.#scripted('disconnect') ?? this.#alive(card);
    const known = this.#handles.get(card);
    this.#handles.delete(card);
    if (disposition === 1 && known) this.readers.get(known.reader)?.card?.reset();
    return code ?? 0;
  }

  async beginTransaction(card: PcscHandle) {
    const code = this.#scripted('beginTransaction') ?? this.#alive(card);
    if (code === undefined) this.transactions++;
    return code ?? 0;
  }

  async endTransaction(card: PcscHandle, disposition: number) {
    const code = this.#scripted('endTransaction') ?? this.#alive(card) ?? this.#gone(card);
    const known = this.#handles.get(card);
    if (code === undefined && disposition === 1 && known) {
      this.readers.get(known.reader)?.card?.reset();
    }
    return code ?? 0;
  }

  async transmit(card: PcscHandle, _protocol: number, command: Uint8Array) {
    const none = new Uint8Array(0);
    const code = this.#scripted('transmit') ?? this.#alive(card) ?? this.#gone(card);
    if (code !== undefined) return { code, response: none };
    const reader = this.readers.get(this.#handles.get(card)!.reader)!;
    const response = await reader.card!.transmit(command);
    const after = this.#alive(card) ?? this.#gone(card);
    return after === undefined ? { code: 0, response } : { code: after, response: none };
  }

  #gone(card: PcscHandle): number | undefined {
    const { reader, count } = this.#handles.get(card)!;
    const found = this.readers.get(reader);
    if (!found) return pcscCodes.readerUnavailable;
    return found.count === count ? undefined : pcscCodes.removedCard;
  }

  async control(card: PcscHandle, controlCode: number, input: Uint8Array) {
    const code = this.#scripted('control') ?? this.#alive(card);
    const none = new Uint8Array(0);
    if (code !== undefined) return { code, output: none };
    if (controlCode === 3400) {
      if (this.featureAnswer) return this.featureAnswer;
      const list = this.pinPad ? Buffer.from('060400000bb8', 'hex') : none;
      return { code: 0, output: list };
    }
    if (controlCode === 0xbb8 && this.pinPad) {
      return this.pinPad(input, this.readers.get(this.#handles.get(card)!.reader)!.card!);
    }
    return { code: pcscCodes.unsupportedFeature, output: none };
  }

  controlCode(code: number): number {
    return code;
  }
}
