import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';
import { pcscCodes } from './pcsc-api.ts';

/** The context and every handle made with it are dead; both are made anew (Windows, pcsc-lite). */
export const contextIsDead = (code: number): boolean => dead.has(code);

const dead: ReadonlySet<number> = new Set([
  pcscCodes.invalidHandle,
  pcscCodes.noService,
  pcscCodes.serviceStopped,
  pcscCodes.systemCancelled,
  // A service that ends while it is waited for; a context of a service that was started anew.
  pcscCodes.communicationError,
  pcscCodes.cancelled,
  pcscCodes.windowsInvalidHandle,
  pcscCodes.windowsBrokenPipe,
]);

/** What a return code says about the card or the reader. Never `cancelled`: that is said of persons. */
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
