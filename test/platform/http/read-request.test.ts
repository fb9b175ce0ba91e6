import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { parseBody, parseParameters } from '../../../lambdas/platform/http/read-request.ts';
import type { FieldErrors } from '../../../lambdas/platform/http/problems.ts';
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

/** The query of an event, as the gateway hands it over. */
const asked = (text: string) => {
  const multiValueQueryStringParameters: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    (multiValueQueryStringParameters[name] ??= []).push(value);
  }
  const queryStringParameters = Object.fromEntries(new URLSearchParams(text));
  return { queryStringParameters, multiValueQueryStringParameters };
};

const sent = (contract: object, body: string, type?: string, isBase64Encoded = false): string => {
  const headers = type === undefined ? {} : { 'Content-Type': type };
  try {
    parseBody({ contract, event: { body, isBase64Encoded, headers } } as unknown as Exchange);
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

describe('parameters', () => {
  const query = z.object({ limit: z.string().optional() });
  const refusalOfParameters = (event: object, contract: object = { query }): string => {
    try {
      parseParameters({ contract, event } as unknown as Exchange);
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };
  it.each([
    ['limit=1', 'taken'],
    ['limit=1&limit=2', 'send each query parameter once: limit is repeated'],
    ['limit=1&limit=1', 'send each query parameter once: limit is repeated'],
    ['20001=1&20001=1', 'send each query parameter once: one is repeated'],
    ['limt=1', 'leave out what this route does not take: unknown query parameter: limt'],
    ['2000118d=1', 'leave out what this route does not take: unknown query parameter'],
  ])('of the query are used or refused: %s', (text, said) => {
    expect(refusalOfParameters(asked(text))).toBe(said);
  });

  it('are refused where a route takes none, but not of public routes', () => {
    expect(refusalOfParameters(asked('pretty=1'), {})).toMatch(/pretty/);
    expect(refusalOfParameters(asked('utm=1'), { scope: 'public' })).toBe('taken');
    expect(refusalOfParameters(asked('utm=1&utm=2'), { scope: 'public' })).toMatch(/utm/);
  });

  it('hold one Idempotency-Key, in whatever case its name is written', () => {
    const refused = 'send each header once: idempotency-key is repeated';
    for (const multiValueHeaders of [
      { 'Idempotency-Key': ['key-0001', 'key-0002'] },
      { 'Idempotency-Key': ['key-0001'], 'idempotency-key': ['key-0002'] },
    ]) {
      expect(refusalOfParameters({ multiValueHeaders })).toBe(refused);
    }
    for (const name of ['Authorization', 'content-type', 'Content-Encoding']) {
      const twice = { multiValueHeaders: { [name]: ['a', 'b'] } };
      expect(refusalOfParameters(twice)).toBe(
        `send each header once: ${name.toLowerCase()} is repeated`,
      );
    }
    const one = { 'Idempotency-Key': ['key-0001'], Accept: ['a', 'b'] };
    expect(refusalOfParameters({ multiValueHeaders: one })).toBe('taken');
  });
});

describe('a form', () => {
  const type = 'application/x-www-form-urlencoded';
  const body = z.object({ a: z.string().min(1).optional() });
  it.each([
    ['a=1', 'taken'],
    ['a=', 'taken'],
    ['a=1&a=2', 'send each form parameter once: a is repeated'],
    ['2000118d=1&2000118d=1', 'send each form parameter once: one is repeated'],
  ])('%s', (text, said) => {
    expect(sent({ mediaType: type, body }, text, type)).toBe(said);
  });
});

const errorsOf = (contract: object, given: unknown) => {
  const headers = { 'Content-Type': 'application/json' };
  const event = { body: JSON.stringify(given), isBase64Encoded: false, headers };
  try {
    parseBody({ contract, event } as unknown as Exchange);
    return [];
  } catch (error) {
    return (error as FieldErrors).errors;
  }
};

describe('the errors of a body', () => {
  it('are at most 20, and their pointers short', () => {
    const wrong = Array.from({ length: 30 }, () => 'a');
    expect(errorsOf({ body: z.array(z.number()) }, wrong)).toHaveLength(20);
    const long = errorsOf({ body: z.record(z.string(), z.number()) }, { ['k'.repeat(500)]: 'a' });
    expect(long).toMatchObject([{ pointer: `#/${'k'.repeat(64)}` }]);
  });
});

describe('a body', () => {
  const taking = { body: z.strictObject({ a: z.int().optional() }) };

  it.each([
    ['application/json', 'taken'],
    ['Application/JSON; charset=UTF-8', 'taken'],
    ['application/json;charset="utf-8"', 'taken'],
    ['application/json; charset=us-ascii', 'taken'],
    ['application/json; charset=Shift_JIS', 'send the body in UTF-8, and say so in charset'],
    ['application/json; x=y; charset=utf-16', 'send the body in UTF-8, and say so in charset'],
    [
      'application/json; charset=utf-8; charset=Shift_JIS',
      'send the body in UTF-8, and say so in charset',
    ],
    ['application/json; charset=', 'send the body in UTF-8, and say so in charset'],
    ['text/json', 'send application/json'],
    ['application/jsonp', 'send application/json'],
  ])('of the type %s', (type, said) => {
    expect(sent(taking, '{"a":1}', type)).toBe(said);
  });

  it.each([
    ['', 'taken'],
    ['{}', 'taken'],
    [' { } \n', 'taken'],
    ['null', 'taken'],
    ['{"status":"active"}', 'send no body: this route reads none'],
    ['a=b', 'send no body: this route reads none'],
  ])('is refused where nothing reads it: %j', (body, said) => {
    expect(sent({}, body, 'application/json')).toBe(said);
    expect(sent({}, Buffer.from(body).toString('base64'), undefined, true)).toBe(said);
    expect(sent({ scope: 'public' }, body)).toBe('taken');
  });
});
