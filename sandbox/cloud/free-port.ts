import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { SandboxStartError } from './sandbox-start-error.ts';

/** A loopback port that is unused at this moment. */
export async function freePort(): Promise<number> {
  const held = await hold(0);
  await held.release();
  return held.port;
}

/** A port reserved by a listener until it is released, just before its use. */
export interface HeldPort {
  readonly port: number;
  /** May be called more than once. */
  readonly release: () => Promise<void>;
}

/** @throws SandboxStartError naming the option if the port is in use; 0 reserves a free one */
export async function holdPort(port: number, option: string): Promise<HeldPort> {
  try {
    return await hold(port);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`;
    throw new SandboxStartError(`port ${port} ${why}: choose another with ${option}`, { cause });
  }
}

async function hold(port: number): Promise<HeldPort> {
  const server = createServer((early) => early.destroy());
  server.unref().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, release: () => closed(server) };
}

const closed = (server: Server): Promise<void> => new Promise((done) => server.close(() => done()));
