/** @throws Error naming the variable: the function was deployed without a grant that it needs */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment lacks ${name}`);
  return value;
}

/** Where this deployment answers, no trailing slash: issuer and audience of its tokens. */
export const publicBaseUrl = (): string => required('PUBLIC_BASE_URL');
