import { rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { CommandFailure, exitCodes } from './run-command.ts';
import { textIfPresent } from './text-if-present.ts';

const part = z.strictObject({
  request: z.union([
    z.strictObject({ part: z.literal('records'), segment: z.int(), segments: z.int() }),
    z.strictObject({ part: z.literal('waiting-numbers') }),
  ]),
  cursor: z.string().exactOptional(),
  isDone: z.boolean().exactOptional(),
});

const stateSchema = z.strictObject({
  url: z.string(),
  segments: z.int(),
  pass: z.int(),
  keyVersion: z.int().exactOptional(),
  subjects: z.int(),
  records: z.int(),
  parts: z.array(part),
});

/** Progress of `npx mykey reseal`: where each part of the table continues in the current pass. */
export type ResealState = z.infer<typeof stateSchema>;

/** The progress in the file; without a file, or for another platform or division, a new first pass. */
export async function readResealState(
  path: string,
  url: string,
  segments: number,
): Promise<ResealState> {
  const kept = await stateIn(path);
  if (kept?.url === url && kept.segments === segments) return kept;
  const records = Array.from({ length: segments }, (_, segment) => ({
    request: { part: 'records', segment, segments } as const,
  }));
  const parts = [...records, { request: { part: 'waiting-numbers' } as const }];
  return { url, segments, pass: 1, subjects: 0, records: 0, parts };
}

async function stateIn(path: string): Promise<ResealState | undefined> {
  const text = await textIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CommandFailure(
      `${path} is not the progress of this command; delete it to begin again`,
      exitCodes.dataUnreadable,
      { cause },
    );
  }
}

let writing: Promise<void> = Promise.resolve();

/** Atomic: an interrupted command leaves the old progress or the new. */
export function writeResealState(path: string, state: ResealState): Promise<void> {
  const text = JSON.stringify(state, null, 2);
  writing = writing.then(async () => {
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  });
  return writing;
}
