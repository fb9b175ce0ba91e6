import type { Mutation } from './guarded-room.ts';

/** The places in `text` where a guard stands, as written there: white space counts for nothing. */
export function placesOfGuard(text: string, { find }: Mutation): readonly string[] {
  // Formatting may have broken a guard over lines.
  const spaced = find.trim().split(/\s+/).map(escaped).join('\\s+');
  return [...text.matchAll(new RegExp(spaced, 'g'))].map(([found]) => found);
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
