import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseTrustProfile } from '../lambdas/platform/trust-profile-json.ts';
import type { TrustProfile } from '../lambdas/pki/trust-profile.ts';
import { derOf, type NamedBytes, type WantedValue } from './named-bytes.ts';
import { usageFailure } from './option-text.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

/** Reads the files that a command names; "-" is standard input, which can be read once. */
export class InputFiles {
  private standardInputTaken = false;

  /** Every value of every file; a file without values ends the command. */
  async readAll(paths: readonly string[], wanted: WantedValue): Promise<readonly NamedBytes[]> {
    const read: NamedBytes[] = [];
    for (const path of paths) read.push(...derOf(await this.read(path), path, wanted));
    return read;
  }

  /** Yields chunks as they are read. */
  stream(path: string): AsyncIterable<Uint8Array> {
    return path === '-' ? this.standardInput() : createReadStream(path, { highWaterMark: 1 << 20 });
  }

  private async read(path: string): Promise<Buffer> {
    if (path === '-') return buffer(this.standardInput());
    try {
      return await readFile(path);
    } catch (error) {
      // Node's own message names no path.
      if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
      throw new CommandFailure(
        `${path}: give a file: this is a folder`,
        exitCodes.inputUnreadable,
        {
          cause: error,
        },
      );
    }
  }

  private standardInput(): NodeJS.ReadStream {
    if (this.standardInputTaken) throw usageFailure('standard input can be read only once');
    this.standardInputTaken = true;
    return process.stdin;
  }
}

/** Reads a trust profile, or the trust profile inside a deployment.json. */
export async function readProfile(path: string): Promise<TrustProfile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageFailure(`${path} is not JSON`);
    throw error;
  }
  return parseTrustProfile((json as { trustProfile?: unknown } | null)?.trustProfile ?? json);
}
