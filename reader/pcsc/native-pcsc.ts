import koffi from 'koffi';
import { ReaderError } from '../core/reader-error.ts';
import { pcscCodes, type KnownState, type PcscApi, type PcscHandle } from './pcsc-api.ts';

/**
 * The operating system's PC/SC library: winscard.dll, PCSC.framework or pcsc-lite. Their function
 * names are the same; integer widths, packing and string encodings differ. Blocking calls run on
 * other threads.
 */
export function openNativePcsc(platform: NodeJS.Platform = process.platform): PcscApi {
  const system = systems[platform === 'win32' || platform === 'darwin' ? platform : 'linux'];
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(system.library);
  } catch (error) {
    throw new ReaderError('reader-library-missing', {}, { cause: error });
  }
  const { dword, handle, text, suffix } = system;
  const readerState = system.pack({
    szReader: `const ${text} *`,
    pvUserData: 'void *',
    dwCurrentState: dword,
    dwEventState: dword,
    cbAtr: dword,
    rgbAtr: koffi.array('uint8_t', system.atrOctets),
  });
  const ioRequest = system.pack({
    dwProtocol: dword,
    cbPciLength: dword,
  });
  const states = koffi.inout(koffi.pointer(readerState));
  const lengthOut = koffi.inout(koffi.pointer(dword));
  const numberOut = koffi.out(koffi.pointer(dword));
  const handleOut = koffi.out(koffi.pointer(handle));
  const octets = koffi.pointer('uint8_t');
  const request = koffi.pointer(ioRequest);

  /**
   * Calls on another thread and returns the code as an unsigned 32-bit number, whatever the width
   * of LONG.
   */
  const declare = (name: string, parameters: Parameters<typeof koffi.array>[0][]) => {
    const native = library.func(name, system.long, parameters) as unknown as {
      async(...values: unknown[]): void;
    };
    return (...values: unknown[]): Promise<number> =>
      new Promise((resolve, reject) => {
        native.async(...values, (error: Error | null, code: number) => {
          if (error) reject(error);
          else resolve(code >>> 0);
        });
      });
  };
  const establish = declare('SCardEstablishContext', [dword, 'void *', 'void *', handleOut]);
  const release = declare('SCardReleaseContext', [handle]);
  const list = declare(`SCardListReaders${suffix}`, [handle, 'void *', octets, lengthOut]);
  const change = declare(`SCardGetStatusChange${suffix}`, [handle, dword, states, dword]);
  const cancel = declare('SCardCancel', [handle]);
  const connect = declare(`SCardConnect${suffix}`, [
    handle,
    `const ${text} *`,
    dword,
    dword,
    handleOut,
    numberOut,
  ]);
  const disconnect = declare('SCardDisconnect', [handle, dword]);
  const begin = declare('SCardBeginTransaction', [handle]);
  const end = declare('SCardEndTransaction', [handle, dword]);
  const transmit = declare('SCardTransmit', [
    handle,
    request,
    octets,
    dword,
    'void *',
    octets,
    lengthOut,
  ]);
  const control = declare('SCardControl', [handle, dword, octets, dword, octets, dword, numberOut]);

  return {
    establishContext: async () => {
      const context: [PcscHandle] = [0];
      return { code: await establish(scopeSystem, null, null, context), context: context[0] };
    },
    releaseContext: (context) => release(context),
    listReaders: async (context) => {
      // The list may grow between the call for its length and the call for its content.
      for (let attempt = 0; ; attempt++) {
        const length: [number] = [0];
        const asked = await list(context, null, null, length);
        if (asked !== pcscCodes.success) return { code: asked, readers: [] };
        const buffer = Buffer.alloc(Math.max(2, length[0]) * system.charOctets);
        const code = await list(context, null, buffer, length);
        if (code === pcscCodes.insufficientBuffer && attempt < 5) continue;
        if (code !== pcscCodes.success) return { code, readers: [] };
        const names = buffer.toString(system.charOctets === 2 ? 'utf16le' : 'utf8');
        return { code, readers: names.split('\0').filter((name) => name !== '') };
      }
    },
    getStatusChange: async (context, timeoutMs, known: readonly KnownState[]) => {
      const asked = known.map(({ reader, state }) => ({
        szReader: reader,
        pvUserData: null,
        dwCurrentState: state,
        dwEventState: 0,
        cbAtr: 0,
        rgbAtr: new Uint8Array(system.atrOctets),
      }));
      const code = await change(context, timeoutMs, asked, asked.length);
      return { code, states: asked.map(({ dwEventState }) => dwEventState) };
    },
    cancel: (context) => cancel(context),
    connect: async (context, reader) => {
      const card: [PcscHandle] = [0];
      const protocol: [number] = [0];
      const code = await connect(context, reader, shareShared, protocolAny, card, protocol);
      return { code, card: card[0], protocol: protocol[0] };
    },
    disconnect: (card, disposition) => disconnect(card, disposition),
    beginTransaction: (card) => begin(card),
    endTransaction: (card, disposition) => end(card, disposition),
    transmit: async (card, protocol, command) => {
      const response = Buffer.alloc(258);
      const length: [number] = [response.length];
      const header = { dwProtocol: protocol, cbPciLength: koffi.sizeof(ioRequest) };
      const sent = Buffer.from(command);
      const code = await transmit(card, header, sent, sent.length, null, response, length);
      // Clears this copy of the command, which may contain a PIN.
      sent.fill(0);
      const received = code === pcscCodes.success ? length[0] : 0;
      return { code, response: response.subarray(0, received) };
    },
    control: async (card, controlCode, input) => {
      const output = Buffer.alloc(512);
      const length: [number] = [0];
      const sent = Buffer.from(input);
      const code = await control(
        card,
        controlCode,
        sent,
        sent.length,
        output,
        output.length,
        length,
      );
      return { code, output: output.subarray(0, code === 0 ? length[0] : 0) };
    },
    controlCode: system.controlCode,
  };
}

const scopeSystem = 2;
const shareShared = 2;
/** T=0 or T=1. */
const protocolAny = 3;

interface System {
  readonly library: string;
  readonly dword: string;
  readonly long: string;
  readonly handle: string;
  /** Encoding of reader names. */
  readonly text: string;
  readonly charOctets: 1 | 2;
  readonly suffix: '' | 'W';
  readonly atrOctets: number;
  readonly pack: typeof koffi.struct;
  readonly controlCode: (code: number) => number;
}

const systems: Readonly<Record<'linux' | 'darwin' | 'win32', System>> = {
  linux: {
    library: 'libpcsclite.so.1',
    dword: 'unsigned long',
    long: 'long',
    handle: 'long',
    text: 'char',
    charOctets: 1,
    suffix: '',
    atrOctets: 33,
    pack: koffi.struct,
    controlCode: (code) => 0x42000000 + code,
  },
  darwin: {
    library: '/System/Library/Frameworks/PCSC.framework/PCSC',
    dword: 'uint32_t',
    long: 'int32_t',
    handle: 'int32_t',
    text: 'char',
    charOctets: 1,
    suffix: '',
    atrOctets: 33,
    pack: koffi.pack,
    controlCode: (code) => 0x42000000 + code,
  },
  win32: {
    library: 'winscard.dll',
    dword: 'uint32_t',
    long: 'int32_t',
    handle: 'uintptr_t',
    text: 'char16_t',
    charOctets: 2,
    suffix: 'W',
    atrOctets: 36,
    pack: koffi.struct,
    // CTL_CODE(FILE_DEVICE_SMARTCARD, code, METHOD_BUFFERED, FILE_ANY_ACCESS)
    controlCode: (code) => (0x31 << 16) | (code << 2),
  },
};
