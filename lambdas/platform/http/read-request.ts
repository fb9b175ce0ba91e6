import type * as z from 'zod';
import { MyKeyError } from '../../errors.ts';
import { jsonLimits } from '../../limits.ts';
import { JsonRefused, parseStrictJson } from '../../strict-json.ts';
import type { Exchange } from './operation-handler.ts';
import { FieldErrors, type FieldError } from './problems.ts';

/** Checks the size before parsing. */
export function limitBody({ event, contract }: Exchange): void {
  if (event.body === null || event.body === undefined || contract.maxBodyBytes === 0) return;
  const bytes = event.isBase64Encoded
    ? Math.floor((event.body.length * 3) / 4)
    : Buffer.byteLength(event.body);
  if (bytes > contract.maxBodyBytes) {
    throw new MyKeyError('request-too-large', `the body may hold ${contract.maxBodyBytes} bytes`);
  }
}

/**
 * On routes that need a token, every query parameter is used or refused; public routes ignore
 * unknown ones, which links carry. The gateway keeps the last of repeated values, so that a
 * repetition is refused here.
 */
export function parseParameters(exchange: Exchange): void {
  const { contract, event } = exchange;
  refuseRepeated('query parameter', event.multiValueQueryStringParameters);
  refuseRepeated('header', event.multiValueHeaders, singleHeaders);
  if (contract.pathParameters !== undefined) {
    exchange.path = fitParameters(contract.pathParameters, event.pathParameters);
  }
  const given = event.queryStringParameters ?? {};
  const known = Object.keys(contract.query?.shape ?? {});
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (contract.scope !== 'public' && unknown.length > 0) {
    const detail = unknownFields(unknown, 'query parameter');
    throw new FieldErrors(`leave out what this route does not take: ${detail}`);
  }
  if (contract.query !== undefined) exchange.query = fitParameters(contract.query, given);
}

/** Headers of one value, of which a gateway hands on one and a proxy another (RFC 9110 §5.3). */
const singleHeaders = ['authorization', 'content-encoding', 'content-type', 'idempotency-key'];

/** @param only the names that must not be repeated; all if absent */
function refuseRepeated(
  what: string,
  values: Readonly<Record<string, readonly string[] | undefined>> | null | undefined,
  only?: readonly string[],
): void {
  const times = new Map<string, number>();
  for (const [given, sent] of Object.entries(values ?? {})) {
    const name = only === undefined ? given : given.toLowerCase();
    if (only !== undefined && !only.includes(name)) continue;
    times.set(name, (times.get(name) ?? 0) + (sent?.length ?? 0));
  }
  for (const [name, count] of times) {
    if (count < 2) continue;
    const named = only !== undefined || looksLikeName(name) ? name : 'one';
    throw new FieldErrors(`send each ${what} once: ${named} is repeated`);
  }
}

const fitParameters = (schema: z.ZodType, values: object | null): unknown =>
  fitOrThrow(schema, values ?? {}, 'a parameter does not fit', ({ path, detail }) => ({
    parameter: String(path[0] ?? ''),
    detail,
  }));

export function parseBody(exchange: Exchange): void {
  const { contract } = exchange;
  if (contract.body === undefined) {
    refuseUnreadBody(exchange);
    return;
  }
  const value = decodeBody(exchange);
  const message = 'the body does not fit its schema';
  exchange.body = fitOrThrow(contract.body, value, message, ({ path, detail }) => ({
    pointer: `#${path.map((step) => `/${escapeStep(step)}`).join('')}`,
    detail,
  }));
}

/**
 * Nothing reads it here. Clients that send JSON by default send an empty object with GET; public
 * routes ignore any.
 */
function refuseUnreadBody({ event, contract }: Exchange): void {
  const { body, isBase64Encoded } = event;
  const text = isBase64Encoded
    ? Buffer.from(body ?? '', 'base64').toString('latin1')
    : (body ?? '');
  if (contract.scope === 'public' || /^\s*(?:\{\s*\}|null)?\s*$/.test(text)) return;
  throw new FieldErrors('send no body: this route reads none');
}

function decodeBody({ event, contract }: Exchange): unknown {
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : (event.body ?? '');
  if (text === '') return undefined;
  refuseOtherEncodings(headerOf(event.headers, 'content-encoding'), text);
  const expected = contract.mediaType ?? 'application/json';
  const contentType = headerOf(event.headers, 'content-type');
  const given = contentType.split(';')[0]!.trim().toLowerCase();
  if (given !== expected) {
    throw new MyKeyError('media-type-unsupported', `send ${expected}`);
  }
  // RFC 8259 §8.1: JSON is UTF-8; the parameter is not defined, but many clients send it.
  const charsets = [...contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].map(
    ([, name]) => name!,
  );
  if (!charsets.every((charset) => /^(?:utf-?8|us-ascii)$/i.test(charset))) {
    throw new MyKeyError('media-type-unsupported', 'send the body in UTF-8, and say so in charset');
  }
  return expected === 'application/json' ? decodeJson(text) : decodeForm(text);
}

/** Text that is not UTF-8 is reported as such: the parser would only report invalid JSON. */
function refuseOtherEncodings(contentEncoding: string, text: string): void {
  const coding = contentEncoding.trim().toLowerCase();
  // gzip magic octets 1F 8B; 8B is not valid UTF-8 here.
  const isGzip =
    coding === 'gzip' ||
    coding === 'x-gzip' ||
    ['\x1f\x8b', '\x1f\ufffd'].includes(text.slice(0, 2));
  if (isGzip)
    throw new MyKeyError('media-type-unsupported', 'send the body as it is: this is gzip');
  if (coding !== '' && coding !== 'identity') {
    throw new MyKeyError('media-type-unsupported', 'send the body without a Content-Encoding');
  }
  // A UTF-8 decoder replaces each octet of a UTF-16 BOM (FF FE or FE FF) with U+FFFD.
  if (/^\ufffd\ufffd|^.?\0/.test(text)) {
    throw new FieldErrors('send the body in UTF-8: this seems to be UTF-16');
  }
  // RFC 8259 §8.1 forbids sending a byte order mark.
  if (text.startsWith('\ufeff')) {
    throw new FieldErrors('send the body without the byte order mark (BOM) that it begins with');
  }
}

function headerOf(
  headers: Readonly<Record<string, string | undefined>> | null,
  wanted: string,
): string {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() === wanted) return value ?? '';
  }
  return '';
}

function decodeJson(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    // The parser's own message would quote the input.
    throw error instanceof JsonRefused ? jsonRefusal(error) : error;
  }
}

function jsonRefusal({ fault, member = '' }: JsonRefused): FieldErrors {
  if (fault === 'not-json') return new FieldErrors('send a JSON body (RFC 8259): this is not JSON');
  if (fault === 'nested-too-deep') {
    return new FieldErrors(`the body nests deeper than ${jsonLimits.nesting} levels`);
  }
  const which = looksLikeName(member) ? member : 'a member';
  return new FieldErrors(`send each member of an object once: ${which} is repeated`);
}

/**
 * RFC 6749 §3.2: parameters without a value are treated as omitted; repeated parameters are
 * refused, also those without a value.
 */
function decodeForm(text: string): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) {
      const which = looksLikeName(name) ? name : 'one';
      throw new FieldErrors(`send each form parameter once: ${which} is repeated`);
    }
    fields.set(name, value);
  }
  return Object.fromEntries([...fields].filter(([, value]) => value !== ''));
}

/** Converts zod issues to field errors: location and expectation, never the value. */
function fitOrThrow(
  schema: z.ZodType,
  value: unknown,
  message: string,
  locate: (issue: { path: readonly PropertyKey[]; detail: string }) => FieldError,
): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // 20 errors suffice to correct a request, and bound the response.
  const errors = parsed.error.issues.slice(0, 20).map((issue) =>
    locate({
      path: issue.path,
      // zod's own message would repeat any key that was sent.
      detail:
        issue.code === 'unrecognized_keys' && issue.message.startsWith('Unrecognized key')
          ? unknownFields(issue.keys)
          : issue.message,
    }),
  );
  throw new FieldErrors(message, errors);
}

/** Field names come from the caller; only names of ordinary form are repeated. */
function unknownFields(keys: readonly string[], what = 'field'): string {
  const names = keys.filter(looksLikeName).slice(0, 5);
  return names.length > 0 ? `unknown ${what}: ${names.join(', ')}` : `unknown ${what}`;
}

const looksLikeName = (key: string): boolean => /^[A-Za-z][A-Za-z_]{0,30}$/.test(key);

/** RFC 6901 §3 and §6. */
const escapeStep = (step: PropertyKey): string =>
  encodeURIComponent(String(step).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1'));
