/** The reader program on this machine. The PIN goes to it only. */
import { service } from './page-data.js';

const tokenName = `mykey-reader ${service.agent}`;
let token = readToken();

export function ask(path, body) {
  return fetch(service.agent + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    targetAddressSpace: 'loopback',
  });
}

/** Its status if it answers and has a reader; otherwise a failure with its code. */
export async function readerState() {
  try {
    const response = await ask('/v1/status');
    const status = await response.json();
    if (!response.ok) return status;
    if (status.trouble) return status.trouble;
    return status.readers.length > 0 ? status : { code: 'reader-none' };
  } catch {
    return { code: (await isDenied()) ? 'permission-denied' : 'agent-unreachable' };
  }
}

/** Chromium asks before a page may reach a program on the same machine. */
async function isDenied() {
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      if ((await navigator.permissions.query({ name })).state === 'denied') return true;
    } catch {
      // This browser does not know the permission.
    }
  }
  return false;
}

/** @returns what the reader program answered if it refused the code */
export async function pair(code) {
  const response = await ask('/v1/pairings', { code });
  const answer = await response.json();
  if (!response.ok) return answer;
  token = answer.token;
  keepToken(token);
  return undefined;
}

/**
 * One reading. Each event goes to `on`; the last is `finished` or a failure.
 * @returns the last event; `agent-unreachable` where the reader program ended without one
 */
export async function readCard(ticket, on) {
  let last;
  try {
    const response = await ask('/v1/readings', { ticket });
    if (!response.ok) return await response.json();
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (!line) continue;
        const event = JSON.parse(line);
        if (event.event === 'finished' || event.event === 'failed') last = event;
        else void on(event);
      }
    }
  } catch {
    // The connection ended.
  }
  return last ?? { code: 'agent-unreachable' };
}

export const enter = (readingId, credentials, useLastTry) =>
  ask('/v1/readings/entry', { readingId, credentials, useLastTry });

export const cancel = (readingId) =>
  ask('/v1/readings/cancel', { readingId }).catch(() => undefined);

/** Storage can be forbidden to a page in a frame: then the page is paired for one reading. */
function readToken() {
  try {
    return localStorage.getItem(tokenName) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepToken(given) {
  try {
    localStorage.setItem(tokenName, given);
  } catch {
    // Paired for this reading.
  }
}
