import type { AlgorithmPolicy } from '../lambdas/core/trust-profile.ts';
import { CommandFailure, exitCodes } from './run-command.ts';
import type { NamedBytes, OfflineMethod, VerifyCase } from './verify-case.ts';
import type { SignedMessage } from './verify-signed.ts';

/** One case as a line gives it. Binary values are base64 DER or PEM text. */
interface CaseLine {
  readonly id?: unknown;
  readonly certificate?: unknown;
  /** Instead of a certificate: the OCSP response is verified by itself. */
  readonly issuer?: unknown;
  // Instead of either: a bare signature is verified
  readonly publicKey?: unknown;
  readonly signatureAlgorithm?: unknown;
  readonly message?: unknown;
  readonly signature?: unknown;
  readonly intermediates?: unknown;
  readonly anchors?: unknown;
  readonly crls?: unknown;
  readonly ocspResponses?: unknown;
  readonly time?: unknown;
  readonly method?: unknown;
  readonly revocationOf?: unknown;
  readonly policies?: unknown;
  readonly explicitPolicy?: unknown;
  readonly inhibitPolicyMapping?: unknown;
  readonly inhibitAnyPolicy?: unknown;
  readonly requiredEku?: unknown;
  readonly nonce?: unknown;
  readonly algorithms?: unknown;
  readonly issuanceRules?: unknown;
  readonly maximumIntermediates?: unknown;
  /** `valid`, `invalid` or `indeterminate`. */
  readonly expected?: unknown;
  // As the PKITS file has them
  readonly number?: unknown;
  readonly certs?: unknown;
  readonly initialPolicySet?: unknown;
  readonly initialExplicitPolicy?: unknown;
  readonly initialPolicyMappingInhibit?: unknown;
  readonly initialInhibitAnyPolicy?: unknown;
  readonly shouldValidate?: unknown;
}

export interface ReadLine {
  readonly id: string;
  readonly question: VerifyCase;
  /** Given instead of a certificate, for an OCSP response by itself. */
  readonly issuer: NamedBytes | undefined;
  /** Given instead of both, for a bare signature. */
  readonly signed: SignedMessage | undefined;
  /** What the line says should come out; `not valid` where it says only that. */
  readonly expected: string | undefined;
}

/** JSON Lines, or one JSON array: the cases as objects. Throws `CommandFailure` naming the line. */
export function splitLines(text: string): readonly CaseLine[] {
  if (text.trimStart().startsWith('[')) return json(text, 'the array') as CaseLine[];
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => json(line, `line ${number}`) as CaseLine);
}

/** A line over the defaults of the command line. Throws `CommandFailure` naming the field. */
export function readLine(line: CaseLine, position: number, defaults: VerifyCase): ReadLine {
  if (typeof line !== 'object' || (line as unknown) === null) {
    throw dataFailure(`case ${position} is not an object`);
  }
  const id = text(line.id ?? line.number, 'id') ?? String(position);
  const where = `case ${id}`;
  const certificates = bytesList(line.certs, `${where} certs`);
  const anchors = bytesList(line.anchors, `${where} anchors`) ?? certificates?.slice(0, 1);
  const intermediates =
    bytesList(line.intermediates, `${where} intermediates`) ?? certificates?.slice(1, -1);
  const certificate = bytes(line.certificate, `${where} certificate`) ?? certificates?.at(-1);
  const issuer = certificate ? undefined : bytes(line.issuer, `${where} issuer`);
  const signed = certificate || issuer ? undefined : signedMessage(line, where);
  if (!certificate && !issuer && !signed) throw dataFailure(`${where} has no certificate`);
  const crls = bytesList(line.crls, `${where} crls`) ?? defaults.crls;
  const ocspResponses =
    bytesList(line.ocspResponses, `${where} ocspResponses`) ?? defaults.ocspResponses;
  const { time, algorithms } = line;
  const nonce = text(line.nonce, `${where} nonce`);
  const method = choice(line.method, ['none', 'ocsp', 'crl', 'auto'], `${where} method`);
  const scope = choice(line.revocationOf, ['leaf', 'path'], `${where} revocationOf`);
  const policies = texts(line.policies ?? line.initialPolicySet, `${where} policies`);
  return {
    id,
    expected: expectedOf(line),
    issuer,
    signed,
    question: {
      ...defaults,
      certificate: certificate ?? defaults.certificate,
      anchors: anchors ?? defaults.anchors,
      intermediates: intermediates ?? defaults.intermediates,
      crls,
      ocspResponses,
      time: time === undefined ? defaults.time : timeOf(time, where),
      method: method ?? impliedMethod(defaults, crls, ocspResponses),
      revocationOf: scope ?? impliedScope(defaults, crls, ocspResponses),
      policies: policies ?? defaults.policies,
      explicitPolicy: flag(
        line.explicitPolicy ?? line.initialExplicitPolicy,
        defaults.explicitPolicy,
      ),
      inhibitPolicyMapping: flag(
        line.inhibitPolicyMapping ?? line.initialPolicyMappingInhibit,
        defaults.inhibitPolicyMapping,
      ),
      inhibitAnyPolicy: flag(
        line.inhibitAnyPolicy ?? line.initialInhibitAnyPolicy,
        defaults.inhibitAnyPolicy,
      ),
      issuanceRules: flag(line.issuanceRules, defaults.issuanceRules),
      maximumIntermediates:
        typeof line.maximumIntermediates === 'number'
          ? line.maximumIntermediates
          : defaults.maximumIntermediates,
      requiredEku: text(line.requiredEku, 'requiredEku') ?? defaults.requiredEku,
      nonce: nonce === undefined ? defaults.nonce : Buffer.from(nonce, 'hex'),
      algorithms: {
        ...defaults.algorithms,
        ...(algorithms as Partial<AlgorithmPolicy> | undefined),
      },
    },
  };
}

function signedMessage(line: CaseLine, where: string): SignedMessage | undefined {
  if (line.publicKey === undefined) return undefined;
  const field = (
    name: 'publicKey' | 'signatureAlgorithm' | 'message' | 'signature',
  ): Uint8Array => {
    const value = text(line[name], `${where} ${name}`);
    if (value === undefined) throw dataFailure(`${where} has no ${name}`);
    return Buffer.from(value, 'base64');
  };
  return {
    publicKey: field('publicKey'),
    signatureAlgorithm: field('signatureAlgorithm'),
    message: field('message'),
    signature: field('signature'),
  };
}

/** Evidence that is given is evidence that is asked for; without any, the report says so. */
export const impliedMethod = (
  { method }: Pick<VerifyCase, 'method'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): OfflineMethod =>
  method === 'none' && (crls.length > 0 || ocspResponses.length > 0) ? 'auto' : method;

/** A response speaks for a leaf; lists are asked for the whole path. */
export const impliedScope = (
  { revocationOf }: Pick<VerifyCase, 'revocationOf'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): VerifyCase['revocationOf'] =>
  ocspResponses.length > 0 && crls.length === 0 ? 'leaf' : revocationOf;

function expectedOf({ expected, shouldValidate }: CaseLine): string | undefined {
  if (typeof shouldValidate === 'boolean') return shouldValidate ? 'valid' : 'not valid';
  return text(expected, 'expected');
}

/** Blocks of a PEM file that hold no certificate, list or response: keys beside their certificate, mostly. */
const besidesThePoint = /KEY|REQUEST|PARAMETERS/;

/** Every certificate, list or response in a PEM text, or the one DER value. */
export function derOf(input: Uint8Array, source: string): readonly NamedBytes[] {
  const asText = Buffer.from(input).toString('latin1');
  if (!asText.includes('-----BEGIN ')) return [{ source, bytes: input }];
  const blocks = [...asText.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)];
  const values = blocks.filter(([, label]) => !besidesThePoint.test(label!));
  return values.map(([, , body], index) => ({
    source: values.length > 1 ? `${source}#${index + 1}` : source,
    bytes: Buffer.from(body!, 'base64'),
  }));
}

function bytes(value: unknown, where: string): NamedBytes | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw dataFailure(`${where} is not a text`);
  if (value.includes('-----BEGIN ')) return derOf(Buffer.from(value), where)[0];
  return { source: where, bytes: Buffer.from(value, 'base64') };
}

function bytesList(value: unknown, where: string): readonly NamedBytes[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw dataFailure(`${where} is not a list`);
  return value.flatMap((item: unknown, index) => bytes(item, `${where}[${index}]`) ?? []);
}

function text(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw dataFailure(`${where} is not a text`);
}

function texts(value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw dataFailure(`${where} is not a list`);
  return value.map((item: unknown) => text(item, where) ?? '');
}

function choice<const T extends string>(
  value: unknown,
  allowed: readonly T[],
  where: string,
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw dataFailure(`${where} is none of ${allowed.join(', ')}`);
  return found;
}

const flag = (value: unknown, fallback: boolean): boolean =>
  typeof value === 'boolean' ? value : fallback;

export function timeOf(value: unknown, where: string): number {
  const time = typeof value === 'number' ? value : Date.parse(text(value, where) ?? '');
  if (!Number.isFinite(time))
    throw dataFailure(`${where}: time is neither RFC 3339 nor milliseconds`);
  return time;
}

function json(source: string, where: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw dataFailure(`${where} is not JSON`);
  }
}

const dataFailure = (message: string): CommandFailure =>
  new CommandFailure(message, exitCodes.usage);
