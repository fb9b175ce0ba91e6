/** @throws Error naming the variable: the function was deployed without a grant that it needs */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment lacks ${name}`);
  return value;
}

/** `PUBLIC_BASE_URL`; undefined: the gateway's own domain and stage. */
export const publicBaseUrl = (): string | undefined => process.env['PUBLIC_BASE_URL'];
