import { exampleOf } from '../../lib/documentation/examples.ts';

/** The request that the reference shows for an operation, its stand-ins replaced by the real values. */
export const exampleRequest = (
  operationId: string,
  values: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> =>
  filled(exampleOf(operationId).request, values) as Record<string, unknown>;

function filled(value: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === 'string') return Object.hasOwn(values, value) ? values[value] : value;
  if (Array.isArray(value)) return value.map((each) => filled(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, filled(member, values)]),
  );
}
