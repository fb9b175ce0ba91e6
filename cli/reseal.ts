import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { resealLimits } from '../lambdas/capabilities/key-versions/limits.ts';
import { clientOptions, identityFrom } from './client-options.ts';
import { PlatformClient } from './platform-client.ts';
import { readResealState, writeResealState, type ResealState } from './reseal-state.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'reseal';
export const summary = 'operators: re-seal records after a new version of the identity keys';

const usage = `
Usage: npx mykey reseal --key FILE [--segments N] [--state FILE] [options]

Run this after a deployment with a new identityKeyVersion (docs/identifiers.md). It re-seals every
record under the new version, pass after pass, until a pass finds none of the previous version. Logins
work throughout. Only then may the next version be deployed.

  --key FILE      the operator's private key: JWK, or PEM
  --client ID     the operator's client id (default: the key file's client_id)
  --url URL       the platform (default http://localhost:8080)
  --segments N    parts of the table that are scanned side by side, 1 to ${resealLimits.segments} (default 4)
  --state FILE    where the progress stands (default reseal.state.json); a command that was interrupted
                  continues from it. It holds no key and nothing of persons
  --json          print the last line as JSON

使い方: 新しい identityKeyVersion で配備した後に運用者が実行します。すべての記録を新しい版で封印し
直し、古い版が一つも見つからない巡回で終わります。途中で止めても、同じコマンドで続きから再開します
(--state)。その間もログインはできます。

Exit code: 0 complete, 1 refused by the platform, 64 wrong usage, 66 a file cannot be read, 69 the
platform does not answer (run the command again to continue).
`;

interface ResealBody {
  readonly keyVersion: number;
  readonly subjects: number;
  readonly records: number;
  readonly next?: string;
}

const options = {
  ...clientOptions,
  segments: { type: 'string', default: '4' },
  state: { type: 'string', default: 'reseal.state.json' },
  json: { type: 'boolean', default: false },
} as const;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({ args: argv, options });
    const segments = Number(values.segments);
    if (!Number.isInteger(segments) || segments < 1 || segments > resealLimits.segments) {
      throw new CommandFailure(`--segments is from 1 to ${resealLimits.segments}`, exitCodes.usage);
    }
    const { url, state: file } = values;
    const platform = new PlatformClient(await identityFrom(values));
    const state = await readResealState(file, url, segments);
    const last = await passes(platform, state, async () => writeResealState(file, state));
    await rm(file, { force: true });
    console.log(
      values.json
        ? JSON.stringify(last)
        : `complete: no record needs a version before ${last.keyVersion}; ${last.subjects.toLocaleString('en')} persons, pass ${last.pass}`,
    );
    return exitCodes.ok;
  });
}

/** Passes until one finds no record of the previous version. */
async function passes(
  platform: PlatformClient,
  state: ResealState,
  keep: () => Promise<void>,
): Promise<{ readonly keyVersion: number; readonly subjects: number; readonly pass: number }> {
  for (;;) {
    await Promise.all(state.parts.map((_, number) => onePart(platform, state, number, keep)));
    const { pass, records, subjects, keyVersion = 0 } = state;
    console.error(
      `pass ${pass}: ${subjects.toLocaleString('en')} persons, ${records.toLocaleString('en')} records of the previous version`,
    );
    Object.assign(state, { pass: pass + 1, records: 0, subjects: 0, parts: begun(state) });
    await keep();
    if (records === 0) return { keyVersion, subjects, pass };
  }
}

const begun = ({ parts }: ResealState): ResealState['parts'] =>
  parts.map(({ request }) => ({ request }));

async function onePart(
  platform: PlatformClient,
  state: ResealState,
  number: number,
  keep: () => Promise<void>,
): Promise<void> {
  for (;;) {
    const part = state.parts[number]!;
    if (part.isDone === true) return;
    const { request, cursor } = part;
    const body = { ...request, ...(cursor !== undefined && { cursor }) };
    const found = await platform.request<ResealBody>('POST', '/v1/key-versions/reseal', body);
    state.records += found.records;
    state.subjects += found.subjects;
    state.keyVersion = found.keyVersion;
    state.parts[number] =
      found.next === undefined ? { request, isDone: true } : { request, cursor: found.next };
    await keep();
  }
}
