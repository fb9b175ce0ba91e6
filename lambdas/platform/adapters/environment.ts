/** @throws Error naming the variable: the function was deployed without the corresponding grant */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment lacks ${name}`);
  return value;
}

/** Base URL of this deployment, without a trailing slash: issuer and audience of its tokens. */
export const publicBaseUrl = (): string => required('PUBLIC_BASE_URL');
