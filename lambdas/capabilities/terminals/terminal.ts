import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A machine at a counter of one service, on which the reader program runs. */
export interface Terminal {
  readonly serviceId: string;
  readonly terminalId: string;
  /** As the service calls it. */
  readonly name: string;
  /** A kiosk: nobody watches who holds which card, so that none is read without its PIN. */
  readonly unattended?: true;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  /** Until it is paired: digest of the pairing code. */
  readonly codeDigest?: string;
  /** Once it is paired: digest of the reader program's token. */
  readonly tokenDigest?: string;
  readonly pairedAt?: number;
}

/** Port: terminals by service. Every method can throw `dependency-unavailable`. */
export interface Terminals {
  create(terminal: Terminal): Promise<void>;
  /** Strongly consistent. */
  read(serviceId: string, terminalId: string): Promise<Terminal | undefined>;
  /** Replaces the pairing code by the token, once: false if the code was used or withdrawn meanwhile. */
  pair(terminal: Terminal, codeDigest: string): Promise<boolean>;
  /** At most `limit` terminals of the service. */
  list(serviceId: string, limit: number): Promise<readonly Terminal[]>;
  /** False: there was none. */
  remove(serviceId: string, terminalId: string): Promise<boolean>;
}

/** The parts of a pairing code or a reader program's token. */
export interface TerminalSecret {
  readonly serviceId: string;
  readonly terminalId: string;
  readonly secret: string;
}

/** 256 random bits behind the terminal's place, and the digest that is stored. */
export function newTerminalSecret({ serviceId, terminalId }: Omit<TerminalSecret, 'secret'>): {
  readonly token: string;
  readonly digest: string;
} {
  const token = `${serviceId}.${terminalId}.${randomBytes(32).toString('base64url')}`;
  return { token, digest: digestOf(token) };
}

export function parseTerminalSecret(token: string): TerminalSecret | undefined {
  const [, serviceId, terminalId, secret] =
    /^([\w-]{1,64})\.([\w-]{1,64})\.([\w-]{43})$/.exec(token) ?? [];
  return serviceId && terminalId && secret ? { serviceId, terminalId, secret } : undefined;
}

export const fitsTerminal = (token: string, digest: string | undefined): boolean =>
  digest !== undefined && timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(digest));

/** 256 random bits: the digest cannot be inverted. */
const digestOf = (token: string): string =>
  createHash('sha256').update(`my-key-platform/terminal\n${token}`).digest('base64url');
