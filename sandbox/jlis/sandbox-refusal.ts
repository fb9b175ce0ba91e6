/** A control call refused by the simulated J-LIS: HTTP status, stable code, message. */
export class SandboxRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'SandboxRefusal';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}
