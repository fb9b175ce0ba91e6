/**
 * Messages between page, agent and platform, version 1 (docs/reader-protocol.md). Page and agent
 * communicate over the loopback interface of one machine; agent and platform over HTTPS. The PIN is
 * sent from page to agent only.
 */
import * as z from 'zod';
import { readerCodes, type ReaderCode } from './core/codes.ts';

export const protocolVersion = 1;
export const agentVersion = '0.1.0';
/** The agent's default port. */
export const defaultPort = 17510;

const base64url = z.base64url().min(1).max(16_384);
export const readerCodeSchema = z.enum(readerCodes as [ReaderCode, ...ReaderCode[]]);
export const mediumSchema = z.enum(['card', 'android', 'iphone', 'unknown']);
export const assuranceSchema = z.enum(['card-signature', 'chip-presence']);
export const readingModes = ['pin', 'hold', 'pin+attributes', 'hold+attributes'] as const;
export const readingModeSchema = z.enum(readingModes);
export const credentialSchema = z.enum([
  'userAuthenticationPin',
  'inputAssistancePin',
  'verificationNumberB',
  'birthDate',
]);

// Agent and platform.

/** `POST /v1/reading-sessions/claim`: a ticket is claimed once. */
export const claimSchema = z.strictObject({
  /** RFC 6750 §2.1. */
  ticket: z
    .string()
    .min(16)
    .max(512)
    .regex(/^[A-Za-z0-9._~+/-]+=*$/),
  /** The token of the machine's pairing with the service. */
  terminal: z
    .string()
    .max(256)
    .regex(/^[A-Za-z0-9._-]+$/)
    .optional(),
  protocol: z.literal(protocolVersion),
  agentVersion: z
    .string()
    .max(40)
    .regex(/^[!-~]*$/),
  /** Random, new for each claim: the claim repeated with it gets the same answer. */
  attempt: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,64}$/)
    .optional(),
});

export const instructionsSchema = z
  .object({
    /** Bearer token for the result, single use. */
    resultToken: z.string().min(16).max(4096),
    /** Binds the encrypted attributes to the reading session. */
    sessionId: z.string().max(64).optional(),
    mode: readingModeSchema,
    /** Modes with PIN: the octets that the card signs. */
    challenge: base64url.optional(),
    /** Modes without PIN, and enrolment: the octets that the chip signs. */
    chipChallenge: base64url.optional(),
    enrolChip: z.boolean().default(false),
    /** The service's public key for the four attributes, a JWK. */
    attributesKey: z.record(z.string(), z.unknown()).optional(),
    /** Root keys of the card-verifiable certificates, from this platform's trust profile. */
    chipRoots: z
      .array(z.object({ keyId: z.string().max(16), publicKey: z.string().max(4096) }))
      .max(20)
      .default([]),
    /** Milliseconds that remain for the person. */
    timeoutMs: z.number().int().min(1000).max(600_000).default(120_000),
  })
  .refine(({ mode, challenge }) => !mode.startsWith('pin') || challenge !== undefined, {
    error: 'a mode with PIN needs a challenge',
  })
  .refine(
    ({ mode, enrolChip, chipChallenge }) =>
      (!mode.startsWith('hold') && !enrolChip) || chipChallenge !== undefined,
    { error: 'a hold and an enrolment need a chipChallenge' },
  )
  .refine(
    ({ mode, attributesKey }) => !mode.endsWith('attributes') || attributesKey !== undefined,
    {
      error: 'attributes need the key of the service',
    },
  );
export type Instructions = z.infer<typeof instructionsSchema>;

/** `POST /v1/reading-sessions/result`. Certificate and signatures are for the platform to verify. */
export const readingResultSchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('read'),
    medium: mediumSchema,
    certificate: base64url,
    signature: z
      .strictObject({
        algorithm: z.enum(['rsa-pkcs1-sha256', 'ecdsa-sha256', 'ecdsa-sha384']),
        value: base64url,
      })
      .optional(),
    chip: z
      .strictObject({
        signature: base64url,
        /**
         * At enrolment: the record with the chip's key, and the certificate of the key that signed
         * it.
         */
        record: base64url.optional(),
        cvCertificate: base64url.optional(),
      })
      .optional(),
    /** A compact JWE for the service's key: the platform cannot decrypt it. */
    attributes: z
      .string()
      .max(16_384)
      .regex(/^[A-Za-z0-9_.-]+$/)
      .optional(),
    assurance: z.array(assuranceSchema),
  }),
  z.strictObject({ outcome: z.literal('failed'), code: readerCodeSchema }),
]);
export type ReadingResult = z.infer<typeof readingResultSchema>;

/** The platform's answer to a result. */
export const acceptedSchema = z.object({
  /** One-time code with which the page obtains the outcome. */
  handover: z.string().max(512).optional(),
});

/** `POST /v1/terminals/pairings`: the platform's answer. */
export const pairedTerminalSchema = z.object({
  terminalId: z.string().max(64),
  name: z.string().max(200),
  token: claimSchema.shape.terminal.unwrap(),
});
export type PairedTerminal = z.infer<typeof pairedTerminalSchema>;

/** The members of RFC 9457 that the agent reads. */
export const problemSchema = z.object({ code: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/) });

// Page and agent.

export const pairingRequestSchema = z.strictObject({ code: z.string().regex(/^\d{8}$/) });

export const readingRequestSchema = z.strictObject({
  ticket: claimSchema.shape.ticket,
  reader: z.string().max(200).optional(),
});

export const entrySchema = z.strictObject({
  readingId: z.string().max(64),
  credentials: z.partialRecord(credentialSchema, z.string().max(32)),
  /** Credentials whose last try may be used, because the holder has agreed. */
  useLastTry: z.array(credentialSchema).max(4).default([]),
});
export type Entry = z.infer<typeof entrySchema>;

export const cancellationSchema = z.strictObject({ readingId: z.string().max(64) });

const detailsSchema = z.object({
  credential: credentialSchema.optional(),
  triesLeft: z.number().int().optional(),
  platformCode: z.string().optional(),
  devices: z.array(z.string()).optional(),
});

/** Event lines in the response to `POST /v1/readings`. */
export const readingEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('progress'),
    readingId: z.string(),
    step: z.enum(['waiting-for-card', 'card-found', 'reading', 'sending']),
  }),
  z.object({
    event: z.literal('entry-needed'),
    readingId: z.string(),
    wanted: z.array(
      z.object({ credential: credentialSchema, triesLeft: z.number().int().optional() }),
    ),
    pinPad: z.boolean(),
    /** The reason for asking again: `pin-wrong`, `pin-form`, `pin-last-try`. */
    because: readerCodeSchema.optional(),
  }),
  z.object({
    event: z.literal('finished'),
    readingId: z.string(),
    medium: mediumSchema,
    assurance: z.array(assuranceSchema),
    handover: z.string().optional(),
  }),
  z.object({
    event: z.literal('failed'),
    readingId: z.string(),
    code: readerCodeSchema,
    cure: z.object({ en: z.string(), ja: z.string() }),
    details: detailsSchema,
  }),
]);
export type ReadingEvent = z.infer<typeof readingEventSchema>;
