/** Bytes with the name that the report gives them. */
export interface NamedBytes {
  readonly source: string;
  /** DER. */
  readonly bytes: Uint8Array;
}

/** Blocks of a PEM file that hold no certificate, list or response: keys beside their certificate, mostly. */
const besidesThePoint = /KEY|REQUEST|PARAMETERS/;

/** Every certificate, list or response in a PEM text, or the one DER value. */
export function derOf(input: Uint8Array, source: string): readonly NamedBytes[] {
  const asText = Buffer.from(input).toString('latin1');
  if (!asText.includes('-----BEGIN ')) return [{ source, bytes: input }];
  const blocks = [...asText.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)];
  const values = blocks.filter(([, label]) => !besidesThePoint.test(label!));
  return values.map(([, , body], index) => ({
    source: values.length > 1 ? `${source}#${index + 1}` : source,
    bytes: Buffer.from(body!, 'base64'),
  }));
}
