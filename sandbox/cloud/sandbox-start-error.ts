/**
 * Why the sandbox cannot start: a one-line message with the cure, printed without a stack trace.
 */
export class SandboxStartError extends Error {
  override readonly name = 'SandboxStartError';
}
