import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import type { ApiDefinition } from '../../../sandbox/cloud/gateway/api-definition.ts';
import { readCall } from '../../../sandbox/cloud/gateway/incoming-call.ts';

const read = (url: string, rawHeaders: string[] = []) =>
  readCall({} as ApiDefinition, requestOf(url, rawHeaders), 'request', 0);

const requestOf = (url: string, rawHeaders: string[]): IncomingMessage =>
  ({ url, method: 'GET', rawHeaders, headers: {}, socket: {} }) as unknown as IncomingMessage;

describe('a request as the gateway reads it', () => {
  it('keeps the last and all of a name that is repeated', () => {
    const call = read('/v1?a=1&a=2', ['X-A', '1', 'X-A', '2']);
    expect({ ...call.query }).toEqual({ a: '2' });
    expect({ ...call.multiValueQuery }).toEqual({ a: ['1', '2'] });
    expect({ ...call.headers }).toEqual({ 'X-A': '2' });
    expect({ ...call.multiValueHeaders }).toEqual({ 'X-A': ['1', '2'] });
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'takes a header and a query parameter of the name %s for what they are',
    (name) => {
      const call = read(`/v1?${name}=1`, [name, '1']);
      expect(JSON.parse(JSON.stringify(call.multiValueHeaders))[name]).toEqual(['1']);
      expect(Object.entries(call.multiValueQuery ?? {})).toEqual([[name, ['1']]]);
      expect(Object.entries(call.headers)).toEqual([[name, '1']]);
    },
  );
});
