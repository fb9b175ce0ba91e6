import { randomUUID } from 'node:crypto';
import { jsonRefusal, signerOf } from '../iam/guard.ts';
import type { Iam } from '../iam/iam.ts';
import {
  type Answer,
  BodyTooLarge,
  type LoopbackServer,
  serveLoopback,
} from '../serve-loopback.ts';
import { InvocationError } from './invocation-error.ts';
import { asyncPayloadLimit, type LambdaFunction, payloadLimit } from './lambda-function.ts';

/**
 * Lambda's Invoke API over HTTP, for `aws lambda invoke` and SDK clients: `POST
 * /2015-03-31/functions/{name}/invocations?Qualifier=live`. `find` takes a name or an ARN; an alias or
 * version follows it after a colon, or is the qualifier.
 */
export function startLambdaEndpoint(
  find: (name: string) => LambdaFunction | undefined,
  iam: Iam,
): Promise<LoopbackServer> {
  return serveLoopback(async (request, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [, encoded = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname) ?? [];
    const named = readName(encoded);
    const { name } = named;
    const qualifier = searchParams.get('Qualifier') ?? named.qualifier ?? '$LATEST';
    try {
      const content = await body(payloadLimit);
      const signer = signerOf(iam, 'lambda', request, content);
      const unqualified = request.method === 'POST' ? find(name) : undefined;
      const arn = unqualified?.settings.functionArn;
      const resource = qualifier === '$LATEST' ? arn : arn && `${arn}:${qualifier}`;
      iam.authorize(signer, { action: 'lambda:InvokeFunction', resource: resource ?? '*' });
      const fn = resource === undefined ? undefined : find(resource);
      if (fn === undefined)
        return refusal(404, 'ResourceNotFoundException', `no function ${name}:${qualifier}`);
      const later = request.headers['x-amz-invocation-type'] === 'Event';
      if (later && content.length > asyncPayloadLimit) throw new BodyTooLarge();
      return await invoke(fn, content.toString() || '{}', later);
    } catch (cause) {
      if (cause instanceof BodyTooLarge)
        return refusal(
          413,
          'RequestTooLargeException',
          'the event is over 6 MB, or over 256 KB for a later one',
        );
      const denied = jsonRefusal(cause);
      if (denied !== undefined) return refusal(403, denied.type, denied.message);
      throw cause;
    }
  });
}

/** `name`, `name:qualifier`, `arn:aws:lambda:region:account:function:name` and that with a qualifier. */
function readName(encoded: string): { readonly name: string; readonly qualifier?: string } {
  const [, name = '', qualifier] =
    /^((?:arn:(?:[^:]*:){5})?[^:]*)(?::([^:]+))?$/.exec(decodeURIComponent(encoded)) ?? [];
  return qualifier === undefined ? { name } : { name, qualifier };
}

async function invoke(fn: LambdaFunction, event: string, later: boolean): Promise<Answer> {
  if (later) {
    // An asynchronous invocation: a failure appears in the function's log only.
    fn.invoke(event).catch(() => {});
    return json(202, '');
  }
  try {
    return json(200, await fn.invoke(event));
  } catch (cause) {
    if (!(cause instanceof InvocationError)) throw cause;
    const { errorType, message: errorMessage } = cause;
    return {
      ...json(200, JSON.stringify({ errorType, errorMessage })),
      headers: { 'x-amz-function-error': 'Unhandled', 'content-type': 'application/json' },
    };
  }
}

const json = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() },
  body,
});

const refusal = (status: number, type: string, message: string): Answer => ({
  ...json(status, JSON.stringify({ Type: 'User', message })),
  headers: { 'x-amzn-errortype': type, 'content-type': 'application/json' },
});
