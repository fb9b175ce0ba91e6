/**
 * The API key whose usage plan meters a request: the operator's, the client's (by the number
 * assigned at registration), or a shared one for clients registered before such numbers existed.
 */
export type UsageKeyHolder = 'operator' | 'earlier' | number;

/**
 * The value of the metering API key: at least 20 alphanumeric characters, as API Gateway requires.
 * It grants no access: the API takes it only from the authorizer, never from a header.
 */
export const usageKeyValue = (stage: string, holder: UsageKeyHolder): string =>
  `mykeyplatform${stage}${typeof holder === 'number' ? `client${String(holder).padStart(7, '0')}` : holder}`;
