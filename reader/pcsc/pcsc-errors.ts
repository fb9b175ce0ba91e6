import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';
import { pcscCodes } from './pcsc-api.ts';

/** The context and all its handles are invalid and must be recreated (Windows, pcsc-lite). */
export const contextIsDead = (code: number): boolean => dead.has(code);

const dead: ReadonlySet<number> = new Set([
  pcscCodes.invalidHandle,
  pcscCodes.noService,
  pcscCodes.serviceStopped,
  pcscCodes.systemCancelled,
  // The service ended during a wait, or was restarted after the context was created.
  pcscCodes.communicationError,
  pcscCodes.cancelled,
  pcscCodes.windowsInvalidHandle,
  pcscCodes.windowsBrokenPipe,
]);

/** Maps a return code to a reader error code. Never `cancelled`, which is reserved for persons. */
export function readerErrorOf(code: number): ReaderError {
  return new ReaderError(meanings.get(code) ?? 'reader-failed', {
    pcscCode: code.toString(16).padStart(8, '0'),
  });
}

const meanings: ReadonlyMap<number, ReaderCode> = new Map<number, ReaderCode>([
  [pcscCodes.removedCard, 'card-removed'],
  [pcscCodes.noSmartcard, 'card-removed'],
  [pcscCodes.resetCard, 'card-reset'],
  [pcscCodes.unresponsiveCard, 'card-unresponsive'],
  [pcscCodes.unpoweredCard, 'card-unresponsive'],
  [pcscCodes.unsupportedCard, 'card-not-supported'],
  [pcscCodes.protocolMismatch, 'card-unresponsive'],
  [pcscCodes.communicationError, 'card-unresponsive'],
  [pcscCodes.notTransacted, 'card-unresponsive'],
  [pcscCodes.sharingViolation, 'card-busy'],
  [pcscCodes.serverTooBusy, 'card-busy'],
  [pcscCodes.readerUnavailable, 'reader-gone'],
  [pcscCodes.unknownReader, 'reader-gone'],
  [pcscCodes.windowsDeviceGone, 'reader-gone'],
  [pcscCodes.windowsNotReady, 'reader-gone'],
  [pcscCodes.windowsBadCommand, 'reader-gone'],
  [pcscCodes.noReaders, 'reader-none'],
  [pcscCodes.readerUnsupported, 'reader-driver-missing'],
  [pcscCodes.noService, 'reader-service-stopped'],
  [pcscCodes.serviceStopped, 'reader-service-stopped'],
  [pcscCodes.systemCancelled, 'reader-service-stopped'],
  [pcscCodes.invalidHandle, 'reader-service-stopped'],
  [pcscCodes.windowsInvalidHandle, 'reader-service-stopped'],
  [pcscCodes.windowsBrokenPipe, 'reader-service-stopped'],
]);
