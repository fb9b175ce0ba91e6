import { connect } from 'node:net';

/** A message from the parent process. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Whole HTTP/1.1 requests. */
  readonly requests: readonly string[];
  /** Sends each request once instead of cycling through them for `seconds`. */
  readonly once: boolean;
  readonly seconds: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answers: number;
  /** Number of answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * A closed-loop load generator over raw sockets, with one outstanding request per connection. Cheap
 * compared with what it measures. Runs in its own process; each message starts one load.
 */
process.on('message', (load: Load) => {
  void generate(load).then((result) => process.send?.(result));
});

async function generate({ port, connections, requests, once, seconds }: Load): Promise<LoadResult> {
  const bytes = requests.map((request) => Buffer.from(request));
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const began = performance.now();
  const until = began + seconds * 1000;
  let next = 0;
  const take = (): Buffer | undefined => {
    if (once ? next >= bytes.length : performance.now() >= until) return undefined;
    return bytes[next++ % bytes.length];
  };
  await Promise.all(
    Array.from({ length: connections }, () =>
      converse(port, take, (status, milliseconds) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
        latencies.push(milliseconds);
      }),
    ),
  );
  const elapsed = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? 0;
  return {
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    answers: latencies.length,
    statuses,
  };
}

function converse(
  port: number,
  take: () => Buffer | undefined,
  answered: (status: string, milliseconds: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let sentAt = 0;
    const send = (): void => {
      const request = take();
      if (request === undefined) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.once('connect', send);
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) return;
      const headers = received.toString('latin1', 0, head);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      received = received.subarray(head + 4 + length);
      answered(headers.slice(9, 12), performance.now() - sentAt);
      send();
    });
  });
}
