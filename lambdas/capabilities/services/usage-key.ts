/**
 * Whose budget at the gateway a request is counted on: the operator's, a client's by the number that its
 * registration drew, or the one of all clients that were registered before there were such numbers.
 */
export type UsageKeyHolder = 'operator' | 'earlier' | number;

/**
 * The value of the API key by which the gateway counts. Alphanumeric, 20 characters or more, as API
 * Gateway asks. It opens nothing: the API takes it from the authorizer alone, never from a header.
 */
export const usageKeyValue = (stage: string, holder: UsageKeyHolder): string =>
  `mykeyplatform${stage}${typeof holder === 'number' ? `client${String(holder).padStart(7, '0')}` : holder}`;
