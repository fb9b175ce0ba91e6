import { createPublicKey } from 'node:crypto';
import type { CardPort } from '../core/card-port.ts';
import type { Credential } from '../core/card-profile.ts';
import type { ChipRoot } from '../core/cv-certificate.ts';
import {
  lookAtCard,
  onPinPad,
  readCard,
  type CardOverview,
  type Reading,
} from '../core/read-card.ts';
import { ReaderError } from '../core/reader-error.ts';
import type { Entry, Instructions, ReadingEvent, ReadingResult } from '../protocol.ts';
import { encryptAttributes } from './encrypt-attributes.ts';
import type { ReadingPlatform } from './platform-client.ts';

export interface ReadingPorts {
  readonly platform: ReadingPlatform;
  readonly waitForCard: (options: {
    readonly reader?: string;
    readonly timeoutMs: number;
    readonly cancelled?: AbortSignal;
  }) => Promise<CardPort>;
  /** Sends an event to the page. */
  readonly tell: (event: ReadingEvent) => void;
  /** The page's next entry; rejects if the person cancels or the page disconnects. */
  readonly nextEntry: () => Promise<Entry>;
  readonly cancelled: AbortSignal;
}

/** One reading from ticket to result. Failures are reported to page and platform by their code. */
export async function runReading(
  readingId: string,
  ticket: string,
  reader: string | undefined,
  ports: ReadingPorts,
): Promise<void> {
  let instructions: Instructions | undefined;
  try {
    instructions = await ports.platform.claim(ticket);
    const reading = await readWithEntries(readingId, reader, instructions, ports);
    ports.tell({ event: 'progress', readingId, step: 'sending' });
    const result = await resultOf(reading, instructions);
    const { handover } = await ports.platform.report(instructions.resultToken, result);
    ports.tell({
      event: 'finished',
      readingId,
      medium: reading.medium,
      assurance: [...reading.assurance],
      ...(handover === undefined ? {} : { handover }),
    });
  } catch (error) {
    const failure = asReaderError(error);
    ports.tell(failedEvent(readingId, failure));
    if (!instructions) return;
    await ports.platform
      .report(instructions.resultToken, { outcome: 'failed', code: failure.code })
      // The page has the code already; the session expires by itself.
      .catch(() => undefined);
  }
}

async function readWithEntries(
  readingId: string,
  reader: string | undefined,
  instructions: Instructions,
  ports: ReadingPorts,
): Promise<Reading> {
  const { cancelled, tell } = ports;
  tell({ event: 'progress', readingId, step: 'waiting-for-card' });
  const wait = (): Promise<CardPort> =>
    ports.waitForCard({
      timeoutMs: instructions.timeoutMs,
      cancelled,
      ...(reader === undefined ? {} : { reader }),
    });
  const port = await wait();
  // A short transaction, released while the person enters a PIN, so that other programs can use the
  // card.
  const overview = await lookAtCard(port);
  tell({ event: 'progress', readingId, step: 'card-found' });
  refuseUnsupported(instructions, overview);
  const wanted = wantedCredentials(instructions);
  let because: ReaderError | undefined;
  let triesLeft: Readonly<Partial<Record<Credential, number>>> = overview.triesLeft;
  for (;;) {
    const entry = wanted.length === 0 ? noEntry : await ask(because, triesLeft);
    tell({ event: 'progress', readingId, step: 'reading' });
    try {
      return await readCard(port, requestOf(instructions, entry, overview.fingerprint));
    } catch (error) {
      if (!(error instanceof ReaderError) || !askedAgain.has(error.code)) throw error;
      if (wanted.length === 0) throw error;
      because = error;
      const { credential, triesLeft: left } = error.details;
      if (credential && left !== undefined) triesLeft = { ...triesLeft, [credential]: left };
    }
  }

  function ask(
    reason: ReaderError | undefined,
    left: Readonly<Partial<Record<Credential, number>>>,
  ): Promise<Entry> {
    const entry = ports.nextEntry();
    tell({
      event: 'entry-needed',
      readingId,
      wanted: wanted.map((credential) => {
        const tries = left[credential];
        return tries === undefined ? { credential } : { credential, triesLeft: tries };
      }),
      pinPad: overview.pinPad,
      ...(reason ? { because: reason.code } : {}),
    });
    return entry;
  }
}

const noEntry: Entry = { readingId: '', credentials: {}, useLastTry: [] };

/** Only errors that a further try can correct continue; all others end the reading. */
const askedAgain: ReadonlySet<string> = new Set([
  'pin-wrong',
  'pin-form',
  'pin-last-try',
  'pin-needed',
]);

function refuseUnsupported({ mode, enrolChip }: Instructions, overview: CardOverview): void {
  if ((mode.startsWith('hold') || enrolChip) && !overview.chip) {
    throw new ReaderError('pinless-unsupported');
  }
  if (mode.endsWith('attributes') && !overview.attributes) {
    throw new ReaderError('attributes-unsupported');
  }
}

/**
 * If both number B and the PIN would open the attributes, the page asks for number B unless a PIN
 * is entered anyway.
 */
function wantedCredentials({ mode, enrolChip }: Instructions): readonly Credential[] {
  return [
    ...(mode.startsWith('pin') ? (['userAuthenticationPin'] as const) : []),
    ...(enrolChip ? (['birthDate'] as const) : []),
    ...(mode === 'pin+attributes' ? (['inputAssistancePin'] as const) : []),
    ...(mode === 'hold+attributes' ? (['verificationNumberB'] as const) : []),
  ];
}

function requestOf(
  { mode, challenge, chipChallenge, enrolChip, chipRoots }: Instructions,
  { credentials, useLastTry }: Entry,
  fingerprint: string,
): Parameters<typeof readCard>[1] {
  const entered = Object.fromEntries(
    Object.entries(credentials).filter(([, value]) => value !== undefined),
  );
  return {
    ...(mode.startsWith('pin') ? { challenge: octets(challenge!) } : {}),
    ...(chipChallenge !== undefined && (mode.startsWith('hold') || enrolChip)
      ? { chipChallenge: octets(chipChallenge) }
      : {}),
    enrolChip,
    attributes: mode.endsWith('attributes'),
    credentials: entered,
    useLastTry,
    roots: chipRoots.map(asRoot),
    fingerprint,
  };
}

async function resultOf(
  reading: Reading,
  { attributesKey, sessionId }: Instructions,
): Promise<ReadingResult> {
  const { medium, certificate, signature, chip, attributes, assurance } = reading;
  return {
    outcome: 'read',
    medium,
    certificate: base64url(certificate),
    ...(signature && {
      signature: { algorithm: signature.algorithm, value: base64url(signature.value) },
    }),
    ...(chip && {
      chip: {
        signature: base64url(chip.signature),
        ...(chip.record && {
          record: base64url(chip.record.record),
          cvCertificate: base64url(chip.record.cvCertificate),
        }),
      },
    }),
    ...(attributes && {
      attributes: await encryptAttributes(attributes, attributesKey!, sessionId),
    }),
    assurance: [...assurance],
  };
}

export function failedEvent(readingId: string, { code, cure, details }: ReaderError): ReadingEvent {
  const { credential, triesLeft, platformCode, devices } = details;
  return {
    event: 'failed',
    readingId,
    code,
    cure,
    details: {
      ...(credential && { credential }),
      ...(triesLeft === undefined ? {} : { triesLeft }),
      ...(platformCode === undefined ? {} : { platformCode }),
      ...(devices && { devices: [...devices] }),
    },
  };
}

/** Internal errors reveal nothing of the data being processed. */
export const asReaderError = (error: unknown): ReaderError =>
  error instanceof ReaderError
    ? error
    : new ReaderError('internal-error', {
        step: error instanceof Error ? error.name : 'unknown',
      });

function asRoot({ keyId, publicKey }: Instructions['chipRoots'][number]): ChipRoot {
  try {
    return { keyId, publicKey: createPublicKey(publicKey) };
  } catch {
    throw new ReaderError('platform-refused', { step: 'chip root' });
  }
}

const octets = (text: string): Uint8Array => Buffer.from(text, 'base64url');
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
export { onPinPad };
