import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { terminalLimits } from './limits.ts';
import {
  fitsTerminal,
  newTerminalSecret,
  parseTerminalSecret,
  type Terminal,
  type Terminals,
} from './terminal.ts';

/**
 * Registers a terminal and returns the code that pairs its reader program, once, within an hour.
 * @throws MyKeyError `terminals-used-up`, `dependency-unavailable`
 */
export async function createTerminal(
  terminals: Terminals,
  serviceId: string,
  { name, unattended }: { readonly name: string; readonly unattended: boolean },
  now: number,
): Promise<{ readonly terminal: Terminal; readonly code: string; readonly expiresAt: number }> {
  const { length } = await terminals.list(serviceId, terminalLimits.perService);
  if (length >= terminalLimits.perService) {
    throw new MyKeyError(
      'terminals-used-up',
      `revoke a terminal first: ${terminalLimits.perService} are registered`,
    );
  }
  const terminalId = `trm_${randomBytes(16).toString('base64url')}`;
  const { token: code, digest: codeDigest } = newTerminalSecret({ serviceId, terminalId });
  const terminal: Terminal = {
    serviceId,
    terminalId,
    name,
    ...(unattended && { unattended }),
    createdAt: now,
    codeDigest,
  };
  await terminals.create(terminal);
  return { terminal, code, expiresAt: now + terminalLimits.pairingMs };
}

/**
 * All terminals of a service, oldest first.
 * @throws MyKeyError `dependency-unavailable`
 */
export async function listTerminals(
  terminals: Terminals,
  serviceId: string,
): Promise<readonly Terminal[]> {
  const found = await terminals.list(serviceId, terminalLimits.perService);
  return found.toSorted((one, other) => one.createdAt - other.createdAt);
}

/**
 * Exchanges a pairing code for the token that the reader program keeps.
 * @throws MyKeyError `pairing-code-invalid`, `dependency-unavailable`
 */
export async function pairTerminal(
  terminals: Terminals,
  code: string,
  now: number,
): Promise<{ readonly terminal: Terminal; readonly token: string }> {
  const place = parseTerminalSecret(code);
  const found = place && (await terminals.read(place.serviceId, place.terminalId));
  const isGood =
    found !== undefined &&
    fitsTerminal(code, found.codeDigest) &&
    found.createdAt + terminalLimits.pairingMs > now;
  if (!isGood) throw codeInvalid();
  const { codeDigest, ...rest } = found;
  const { token, digest: tokenDigest } = newTerminalSecret(found);
  const terminal = { ...rest, tokenDigest, pairedAt: now };
  if (!(await terminals.pair(terminal, codeDigest!))) throw codeInvalid();
  return { terminal, token };
}

const codeInvalid = (): MyKeyError =>
  new MyKeyError('pairing-code-invalid', 'register the terminal anew for another code');

/**
 * Withdraws a terminal: its reader program claims no ticket from the next call on.
 * @throws MyKeyError `terminal-not-found`, also of another service; `dependency-unavailable`
 */
export async function revokeTerminal(
  terminals: Terminals,
  serviceId: string,
  terminalId: string,
): Promise<void> {
  if (await terminals.remove(serviceId, terminalId)) return;
  throw new MyKeyError('terminal-not-found', 'GET /v1/terminals lists those of the service');
}

/** The paired terminal to which a reader program's token belongs. */
export async function terminalOf(
  terminals: Pick<Terminals, 'read'>,
  token: string | undefined,
): Promise<Terminal | undefined> {
  const place = token === undefined ? undefined : parseTerminalSecret(token);
  const found = place && (await terminals.read(place.serviceId, place.terminalId));
  return found !== undefined && fitsTerminal(token!, found.tokenDigest) ? found : undefined;
}
