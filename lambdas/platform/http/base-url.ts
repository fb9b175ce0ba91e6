/** The part of a gateway event that tells where it came in. */
interface Arrival {
  readonly requestContext?: { readonly domainName?: string | undefined; readonly stage?: string };
}

/**
 * Where this deployment answers: configured, or the gateway's own domain and stage. No trailing
 * slash. A custom domain must be configured: its path says nothing of the stage behind.
 */
export function baseUrlOf(event: Arrival, configured: string | undefined): string {
  if (configured !== undefined && configured !== '') return configured.replace(/\/+$/, '');
  const { domainName = 'localhost', stage = '' } = event.requestContext ?? {};
  return `https://${domainName}/${stage}`.replace(/\/+$/, '');
}
