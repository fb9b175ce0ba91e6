/**
 * The PC/SC calls that this reader makes (PC/SC part 5; `winscard.h`), one to one. Every call
 * resolves to a return code; `pcsc-port.ts` interprets codes, so that a scripted API can return
 * any.
 */
export interface PcscApi {
  establishContext(): Promise<{ readonly code: number; readonly context: PcscHandle }>;
  releaseContext(context: PcscHandle): Promise<number>;
  /** Names of all readers; empty also for the code `noReaders`. */
  listReaders(context: PcscHandle): Promise<{ code: number; readers: readonly string[] }>;
  /** Blocks until a state differs from the known one, or the timeout expires. */
  getStatusChange(
    context: PcscHandle,
    timeoutMs: number,
    states: readonly KnownState[],
  ): Promise<{ readonly code: number; readonly states: readonly number[] }>;
  /** Cancels a blocked `getStatusChange`. */
  cancel(context: PcscHandle): Promise<number>;
  connect(
    context: PcscHandle,
    reader: string,
  ): Promise<{ readonly code: number; readonly card: PcscHandle; readonly protocol: number }>;
  disconnect(card: PcscHandle, disposition: number): Promise<number>;
  beginTransaction(card: PcscHandle): Promise<number>;
  endTransaction(card: PcscHandle, disposition: number): Promise<number>;
  transmit(
    card: PcscHandle,
    protocol: number,
    command: Uint8Array,
  ): Promise<{ readonly code: number; readonly response: Uint8Array }>;
  control(
    card: PcscHandle,
    controlCode: number,
    input: Uint8Array,
  ): Promise<{ readonly code: number; readonly output: Uint8Array }>;
  /** `SCARD_CTL_CODE`, which differs between systems. */
  controlCode(code: number): number;
}

export type PcscHandle = number | bigint;

export interface KnownState {
  readonly reader: string;
  readonly state: number;
}

/** A pseudo reader whose state changes when readers come and go (pcsc-lite, Windows). */
export const plugAndPlay = String.raw`\\?PnP?\Notification`;

/** Return codes, as unsigned 32-bit numbers. */
export const pcscCodes = {
  success: 0,
  internalError: 0x80100001,
  cancelled: 0x80100002,
  invalidHandle: 0x80100003,
  invalidParameter: 0x80100004,
  noMemory: 0x80100006,
  insufficientBuffer: 0x80100008,
  unknownReader: 0x80100009,
  timeout: 0x8010000a,
  sharingViolation: 0x8010000b,
  noSmartcard: 0x8010000c,
  protocolMismatch: 0x8010000f,
  notReady: 0x80100010,
  systemCancelled: 0x80100012,
  communicationError: 0x80100013,
  unknownError: 0x80100014,
  notTransacted: 0x80100016,
  readerUnavailable: 0x80100017,
  pciTooSmall: 0x80100019,
  readerUnsupported: 0x8010001a,
  noService: 0x8010001d,
  serviceStopped: 0x8010001e,
  unsupportedFeature: 0x80100022,
  /** pcsc-lite's number for the unsupported feature differs from Windows'. */
  unsupportedFeatureLite: 0x8010001f,
  noReaders: 0x8010002e,
  serverTooBusy: 0x80100031,
  unsupportedCard: 0x80100065,
  unresponsiveCard: 0x80100066,
  unpoweredCard: 0x80100067,
  resetCard: 0x80100068,
  removedCard: 0x80100069,
  cancelledByUser: 0x8010006e,
  /** Windows: the handle became invalid with the service. */
  windowsInvalidHandle: 0x00000006,
  windowsBrokenPipe: 0x0000006d,
  windowsBadCommand: 0x00000016,
  windowsNotReady: 0x00000015,
  windowsDeviceGone: 0x0000048f,
  windowsIoDevice: 0x0000045d,
} as const;

export const stateFlags = {
  unaware: 0x0000,
  ignore: 0x0001,
  changed: 0x0002,
  unknown: 0x0004,
  unavailable: 0x0008,
  empty: 0x0010,
  present: 0x0020,
  exclusive: 0x0080,
  inUse: 0x0100,
  mute: 0x0200,
} as const;

export const dispositions = { leave: 0, reset: 1, unpower: 2 } as const;

/** The high 16 bits of a state count card insertions and removals. */
export const cardCount = (state: number): number => state >>> 16;
