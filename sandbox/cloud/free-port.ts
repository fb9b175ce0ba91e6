import { createServer } from 'node:net';
import { SandboxStartError } from './sandbox-start-error.ts';

/** A loopback port that nobody listens on at this moment. */
export const freePort = (): Promise<number> => boundPort(0);

/** @throws SandboxStartError naming the option where the port is taken; 0 gives a free one */
export async function availablePort(port: number, option: string): Promise<number> {
  try {
    return await boundPort(port);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`;
    throw new SandboxStartError(`port ${port} ${why}: choose another with ${option}`, { cause });
  }
}

function boundPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
