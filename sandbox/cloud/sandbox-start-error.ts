/** Why the sandbox cannot start, as one line that names the cure. Printed without a stack. */
export class SandboxStartError extends Error {
  override readonly name = 'SandboxStartError';
}
