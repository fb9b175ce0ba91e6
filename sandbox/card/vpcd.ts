import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { VirtualCard } from './virtual-card.ts';

/**
 * The card side of vsmartcard's virtual reader (`vpcd`). Every message is a two-octet big-endian
 * length followed by that many octets; a one-octet message is a control: 0 off, 1 on, 2 reset, 4
 * get ATR. An empty slot closes the connection, which the driver reads as absence.
 */
export class VpcdSlot {
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #card: VirtualCard | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get card(): VirtualCard | undefined {
    return this.#card;
  }

  /** The driver notices at its next poll, within half a second. */
  async put(card: VirtualCard): Promise<void> {
    await this.remove();
    this.#card = card;
    const server = createServer((socket) => this.#serve(socket, card));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
  }

  async remove(): Promise<void> {
    const server = this.#server;
    this.#card = undefined;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket, card: VirtualCard): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    let answering = Promise.resolve();
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE();
        const message = received.subarray(2, end);
        received = received.subarray(end);
        answering = answering.then(() => answer(socket, card, message));
      }
    });
  }
}

async function answer(socket: Socket, card: VirtualCard, message: Buffer): Promise<void> {
  if (message.length > 1) return send(socket, await card.transmit(message));
  if (message[0] === 4) return send(socket, card.atr);
  // Off, on and reset clear the card's state and have no response.
  card.reset();
}

function send(socket: Socket, message: Uint8Array): void {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  if (socket.writable) socket.write(Buffer.concat([length, message]));
}
