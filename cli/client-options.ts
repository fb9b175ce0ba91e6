import { readClientKey } from './client-key.ts';
import type { ClientIdentity } from './platform-client.ts';
import { required } from './run-command.ts';

/** Options of every command that calls the platform as a client. */
export const clientOptions = {
  key: { type: 'string' },
  client: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:8080' },
} as const;

export interface ClientOptionValues {
  readonly key?: string | undefined;
  /** The key file's own client_id unless given. */
  readonly client?: string | undefined;
  readonly url: string;
  /** Algorithm of an RSA key whose file does not name one. */
  readonly alg?: string | undefined;
}

/**
 * The client that the options name.
 * @throws CommandFailure for a missing option, or a file that holds no private key
 */
export async function identityFrom(values: ClientOptionValues): Promise<ClientIdentity> {
  const key = await readClientKey(required(values.key, '--key'), values.alg);
  const clientId = required(values.client ?? key.clientId, '--client');
  return { url: values.url, clientId, key };
}
