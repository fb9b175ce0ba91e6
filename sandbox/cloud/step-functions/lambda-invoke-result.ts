import { randomUUID } from 'node:crypto';

/**
 * The result of `arn:aws:states:::lambda:invoke`: the payload with the metadata of the HTTP
 * response, nearly 1 KB, which counts towards the limits of states and maps.
 */
export function lambdaInvokeResult(payload: unknown, version: string): object {
  const length = String(Buffer.byteLength(JSON.stringify(payload ?? null)));
  const requestId = randomUUID();
  const trace = randomUUID().replaceAll('-', '');
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': length,
    'Content-Type': 'application/json',
    Date: new Date().toUTCString(),
    'X-Amz-Executed-Version': version,
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
    'X-Amzn-Trace-Id': `Root=1-${trace.slice(0, 8)}-${trace.slice(8)};Parent=${trace.slice(-16)};Sampled=0;Lineage=1:${trace.slice(0, 8)}:0`,
  };
  return {
    ExecutedVersion: version,
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
