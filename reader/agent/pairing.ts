import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { ReaderError } from '../core/reader-error.ts';
import { agentLimits } from './limits.ts';

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Origins by SHA-256 (hex) of their tokens: the file does not contain the tokens. */
  pairings: z.record(z.string(), z.string()),
});

/**
 * A code is shown on the machine, entered on the page, and exchanged for a token of that page's
 * origin.
 */
export class Pairing {
  readonly #path: string | undefined;
  readonly #now: () => number;
  #tokens: Map<string, string>;
  #open: { readonly code: string; readonly until: number; attemptsLeft: number } | undefined;

  constructor(path: string | undefined, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
    this.#tokens = read(path);
  }

  /** Creates a new code and invalidates the previous one. */
  open(): string {
    const code = String(randomInt(100_000_000)).padStart(8, '0');
    this.#open = {
      code,
      until: this.#now() + agentLimits.pairingCodeLifeMs,
      attemptsLeft: agentLimits.pairingCodeAttempts,
    };
    return code;
  }

  /** Exchanges the code for a token, once. */
  redeem(code: string, origin: string): string {
    const open = this.#open;
    if (!open || this.#now() > open.until || open.attemptsLeft-- <= 0 || !same(code, open.code)) {
      throw new ReaderError('pairing-refused');
    }
    this.#open = undefined;
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(hash(token), origin);
    this.#save();
    return token;
  }

  accepts(token: string, origin: string): boolean {
    const paired = this.#tokens.get(hash(token));
    return paired !== undefined && paired === origin;
  }

  /** Revokes the pairings of one origin, or all; returns their number. */
  revoke(origin?: string): number {
    const before = this.#tokens.size;
    this.#tokens = new Map(
      [...this.#tokens].filter(([, paired]) => origin !== undefined && paired !== origin),
    );
    this.#save();
    return before - this.#tokens.size;
  }

  #save(): void {
    if (this.#path === undefined) return;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const beside = `${this.#path}.${process.pid}`;
    const content = { version: 1, pairings: Object.fromEntries(this.#tokens) };
    writeFileSync(beside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(beside, this.#path);
  }
}

function read(path: string | undefined): Map<string, string> {
  if (path === undefined) return new Map();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  return new Map(Object.entries(fileSchema.parse(JSON.parse(text)).pairings));
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const same = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(hash(a)), Buffer.from(hash(b)));
