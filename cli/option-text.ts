import type { NameConstraints } from '../lambdas/pki/x509/name-constraints.ts';
import { CommandFailure, exitCodes } from './run-command.ts';
import { subtreeFrom } from './subtree-text.ts';

/** Wrong usage: exit code 64. */
export const usageFailure = (message: string): CommandFailure =>
  new CommandFailure(message, exitCodes.usage);

/**
 * Parses a time to milliseconds since 1970: RFC 3339 with offset, a date alone (start of day, UTC),
 * or such milliseconds; NaN for anything else.
 */
export function momentOf(value: string | number): number {
  if (typeof value === 'number') return value;
  const text = value.trim();
  const [, day] =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  // Date.parse would read 30 February as 2 March.
  if (day === undefined || new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) return NaN;
  return Date.parse(text.toUpperCase().replace(' ', 'T'));
}

/** Dotted decimal in canonical form, because identifiers are compared as text. */
export const isObjectIdentifier = (text: string): boolean => /^[0-2](\.(0|[1-9]\d*))+$/.test(text);

export const isHex = (text: string): boolean => /^([\da-f]{2})+$/i.test(text);

/** @throws CommandFailure naming the option */
export function timeFrom(text: string, option: string): number {
  const time = momentOf(text);
  if (Number.isFinite(time)) return time;
  throw usageFailure(`${option}: time is neither RFC 3339 nor milliseconds`);
}

/** @throws CommandFailure naming the option */
export function identifierFrom(text: string, option: string): string {
  if (isObjectIdentifier(text)) return text;
  throw usageFailure(`${option}: ${text} is not an object identifier`);
}

/** @throws CommandFailure naming the option */
export function octetsFrom(hex: string, option: string): Uint8Array {
  if (isHex(hex)) return Buffer.from(hex, 'hex');
  throw usageFailure(`${option} is not hex`);
}

/**
 * Parses a non-negative number.
 * @throws CommandFailure naming the option
 */
export function numberFrom(text: string, option: string): number {
  const parsed = Number(text);
  if (text.trim() === '' || !Number.isFinite(parsed) || parsed < 0) {
    throw usageFailure(`${option} is not a number`);
  }
  return parsed;
}

/** @throws CommandFailure naming the option and the allowed values */
export function oneOf<const T extends string>(
  value: string | undefined,
  allowed: readonly T[],
  option: string,
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw usageFailure(`${option} is one of ${allowed.join(', ')}`);
  return found;
}

/**
 * Subtrees as `subtreeFrom` parses them.
 * @throws CommandFailure naming the invalid one
 */
export function constraintsFrom(
  permitted: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  where: string,
): NameConstraints {
  const subtrees = (texts: readonly string[] | undefined) =>
    texts?.map((text) => {
      const base = subtreeFrom(text);
      if (base) return base;
      throw usageFailure(`${where}: ${text} is not a subtree, such as dNSName:example.com`);
    });
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}
