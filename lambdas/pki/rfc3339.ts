/** Milliseconds since 1970 as RFC 3339, UTC; whole seconds without a fraction. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
