import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { parseBody } from '../../../lambdas/platform/http/read-request.ts';
import type { Exchange } from '../../../lambdas/platform/http/operation-handler.ts';

const refusalOf = (body: string): string => {
  const exchange = {
    contract: { body: z.strictObject({ serials: z.array(z.string()) }) },
    event: { body, isBase64Encoded: false, headers: { 'Content-Type': 'application/json' } },
    route: {},
  } as unknown as Exchange;
  try {
    parseBody(exchange);
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a JSON body', () => {
  it('is accepted without duplicate members', () => {
    expect(refusalOf('{"serials":["0a"]}')).toBe('taken');
  });
  it('is refused with a duplicate member, which is named', () => {
    expect(refusalOf('{"serials":["0a"],"serials":["0b"]}')).toBe(
      'send each member of an object once: serials is repeated',
    );
  });
  it('never repeats what is no name', () => {
    expect(refusalOf('{"2000118d":1,"2000118d":2}')).toBe(
      'send each member of an object once: a member is repeated',
    );
  });
  it('is refused when it nests deeper than anything that is asked', () => {
    expect(refusalOf('['.repeat(1000) + ']'.repeat(1000))).toBe(
      'the body nests deeper than 32 levels',
    );
  });
  it('is refused when it is none', () => {
    expect(refusalOf('{"serials":')).toBe('send a JSON body (RFC 8259): this is not JSON');
  });
});
