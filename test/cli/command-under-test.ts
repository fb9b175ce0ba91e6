import { afterAll, beforeAll, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nameClient, writeNewKey } from '../../cli/new-key.ts';

export interface CommandUnderTest {
  /** Path of a file of this test; `operator.jwk` is the caller's key. */
  readonly file: (name: string) => string;
  /** Runs the command in this process as the operator's client. */
  readonly run: (
    ...words: readonly string[]
  ) => Promise<{ readonly code: number; readonly output: string }>;
}

/**
 * A command against an HTTP server of the test, for a whole test file. Every client gets a token there.
 * @param answer to every other request; `body` is its text
 */
export function commandUnderTest(
  run: (argv: string[]) => Promise<number>,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): CommandUnderTest {
  let folder: string;
  let server: Server;
  const file = (name: string): string => join(folder, name);
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/oauth2/token')
      response.end(JSON.stringify({ access_token: 'token', expires_in: 300 }));
    else answer(request, response, body);
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'my-key-command-'));
    await writeNewKey(file('operator.jwk'), 'ES256');
    await nameClient(file('operator.jwk'), 'operator');
    server = createServer((request, response) => void respond(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  return {
    file,
    async run(...words) {
      const output: string[] = [];
      const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
      for (const spy of spies) spy.mockImplementation((line) => void output.push(String(line)));
      const { port } = server.address() as AddressInfo;
      const who = ['--url', `http://127.0.0.1:${port}`, '--key', file('operator.jwk')];
      const code = await run([...words, ...who]);
      for (const spy of spies) spy.mockRestore();
      return { code, output: output.join('\n') };
    },
  };
}
