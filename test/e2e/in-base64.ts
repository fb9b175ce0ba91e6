/**
 * How octets stand within longer ones in base64 or base64url: by each of the three places where they
 * can begin, without the characters that they share with their neighbours.
 */
export function inBase64(octets: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), octets]);
    const whole = Math.floor(shifted.length / 3) * 4;
    const from = before === 0 ? 0 : 4;
    return (['base64', 'base64url'] as const).map((to) => shifted.toString(to).slice(from, whole));
  });
}
