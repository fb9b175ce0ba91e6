/** The `detail` for a base64 field that has another JSON type; it never repeats the value. */
export function notTextCure(value: unknown): string {
  const base64 = 'base64 as a string';
  if (value === undefined) return `send ${base64}: the field is missing`;
  if (value === null) return `send ${base64}: this is null`;
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'number')
      ? `send ${base64}: this is an array of numbers`
      : `send one value, ${base64}: this is an array`;
  }
  if (typeof value !== 'object') return `send ${base64}: this is a ${typeof value}`;
  const { type, data } = value as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data)
    ? `send ${base64}: this is a Buffer as Node.js writes it to JSON`
    : `send ${base64}: this is an object`;
}

/**
 * The `detail` for text that is not standard base64 with padding (RFC 4648 §4), with the recognised
 * format.
 */
export function base64Cure(text: string): string {
  const send = 'send standard base64 (RFC 4648 §4) on one line';
  if (text === '') return `${send}: the field is empty`;
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label !== undefined) {
    if (label.includes('PRIVATE KEY')) {
      return 'treat this key as compromised and never send a private key: this is a private key in PEM';
    }
    const several = text.split('-----BEGIN ').length - 1;
    return several > 1
      ? `send one value, the base64 between its BEGIN and END lines without line breaks: this is PEM with ${several} blocks`
      : 'send the base64 between the BEGIN and END lines, without line breaks: this is PEM';
  }
  if (/^data:/i.test(text))
    return `${send}: this is a data URL; send only the part after its comma`;
  if (/^(?:0x)?[0-9a-f]{2}(?:[\s:]*[0-9a-f]{2}){7,}$/i.test(text))
    return `${send}: this is hexadecimal`;
  if (/^[A-Za-z0-9+/=\s]+$/.test(text)) {
    if (/\s/.test(text)) return `${send}: it contains line breaks or spaces`;
    if (/=[^=]/.test(text))
      return `${send}: it contains "=" before its end; are these several values?`;
    return `${send}, with its padding ("="): the length is not a multiple of four`;
  }
  if (/^[\w-]+={0,2}$/.test(text)) {
    return `${send}, with "+" and "/" and padding: this is base64url`;
  }
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return `${send}: this is a JWS or JWT`;
  if (/%[0-9A-F]{2}/i.test(text)) return `${send}: this is percent-encoded`;
  if (/^"[\s\S]*"$/.test(text)) return `${send}: it is enclosed in quotation marks`;
  if (/[\ufffd\p{Cc}\u0080-\u00ff]/u.test(text.replaceAll(/\s/g, '')))
    return `${send}: these are raw octets, not their base64`;
  return `${send}: it contains other characters`;
}
