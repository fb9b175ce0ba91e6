import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { holdPort } from '../../../sandbox/cloud/free-port.ts';

describe('a held port', () => {
  it('is reserved until it is released, and then free immediately', async () => {
    const held = await holdPort(0, '--port');
    await expect(holdPort(held.port, '--port')).rejects.toThrow(
      `port ${held.port} is in use: choose another with --port`,
    );
    await held.release();
    const server = createServer().listen(held.port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await held.release();
  });

  it('answers nobody meanwhile', async () => {
    const held = await holdPort(0, '--port');
    await expect(fetch(`http://127.0.0.1:${held.port}/`)).rejects.toThrow('fetch failed');
    await held.release();
  });
});
