import { globSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { escapes, findLeaks, findPin, octetsOf } from './canary-search.ts';

const secret = '河童　金糸雀';
const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** What is kept in each kind of place, as its service writes it: text and octets put into it. */
const places: Readonly<Record<string, (leak: string | Buffer) => Buffer>> = {
  'a log line': (leak) =>
    Buffer.concat([
      Buffer.from('2026-11-28T01:02:03.000Z\tINFO\tread '),
      Buffer.from(leak as string),
      Buffer.from('\n'),
    ]),
  'a log line as JSON': (leak) => text({ level: 'INFO', message: { read: member(leak) } }),
  'an exported log group': (leak) =>
    gzipSync(Buffer.concat([Buffer.from('x '), Buffer.from(leak as string)])),
  'a table item': (leak) =>
    text({
      Item: {
        pk: { S: 'READING#rse_1' },
        v: typeof leak === 'string' ? { S: leak } : { B: leak.toString('base64') },
      },
    }),
  'an object': (leak) => Buffer.from(leak as string),
  'a queue message': (leak) =>
    text({ MessageId: 'm-1', Body: JSON.stringify({ detail: { value: member(leak) } }) }),
  'a dead letter': (leak) =>
    text({
      Body: JSON.stringify({
        requestContext: { condition: 'RetriesExhausted' },
        requestPayload: { body: JSON.stringify({ name: member(leak) }) },
      }),
    }),
  'a trace segment': (leak) =>
    text({
      Id: '1',
      Document: JSON.stringify({ annotations: {}, metadata: { default: { v: member(leak) } } }),
    }),
};

/** Octets in JSON: as SDKs write them. */
const member = (leak: string | Buffer): string =>
  typeof leak === 'string' ? leak : leak.toString('base64');

/** Every way to write it, each in the middle of something else. */
const leaks: readonly (readonly [string, string | Buffer])[] = [
  ...[...octetsOf(secret)].flatMap(([name, octets]): [string, string | Buffer][] => [
    [name, octets],
    ...[0, 1, 2].flatMap((before): [string, string][] => {
      const within = Buffer.concat([Buffer.alloc(before, 'x'), octets, Buffer.from('yz')]);
      return (['base64', 'base64url'] as const).map((to) => [
        `${name} in ${to} at ${before}`,
        within.toString(to),
      ]);
    }),
    [`${name} in base64 with line ends`, octets.toString('base64').replaceAll(/.{10}/g, '$&\n')],
    [`${name} in hex`, octets.toString('hex').toUpperCase()],
    [`${name} in hex, spaced`, octets.toString('hex').replaceAll(/../g, '$& ')],
    [`${name} in hex with colons`, octets.toString('hex').replaceAll(/..(?=.)/g, '$&:')],
    [`${name} as numbers`, `[${octets.join(', ')}]`],
    [`${name} in percent-encoding`, octets.toString('hex').toUpperCase().replaceAll(/../g, '%$&')],
    [`${name} quoted-printable`, octets.toString('hex').toUpperCase().replaceAll(/../g, '=$&')],
  ]),
  ['encodeURIComponent', encodeURIComponent(`a/${secret} b`)],
  ...Object.entries(escapes).map(([name, escape]): [string, string] => [name, escape(secret)]),
  [
    'JSON escapes in capitals',
    escapes['JSON escapes']!(secret)
      .replaceAll(/[a-f]/g, (hex) => hex.toUpperCase())
      .replaceAll(String.raw`\U`, String.raw`\u`),
  ],
];

describe.each(Object.entries(places))('in %s', (_, kept) => {
  it(`a leak is found in each of ${leaks.length} ways to write it`, () => {
    const missed = leaks.filter(([, leak]) => findLeaks(kept(leak), [secret]).length === 0);
    expect(missed.map(([name]) => name)).toEqual([]);
  });

  it('nothing is found where nothing leaked', () => {
    expect(findLeaks(kept('河童　太郎'), [secret])).toEqual([]);
    expect(findPin(kept('17391 ms, 73910, port 47391, 2026-07-03T09:17:39.1Z'), '7391')).toEqual(
      [],
    );
  });

  it('a PIN is found as a value and in the command to the card', () => {
    const verify = Buffer.from('002000800437333931', 'hex');
    const pins: readonly (readonly [string, string | Buffer])[] = [
      ['JSON', JSON.stringify({ userAuthenticationPin: '7391' })],
      ['JSON in JSON', JSON.stringify(JSON.stringify({ credentials: { x: '7391' } }))],
      ['a number', '{"pin":7391}'],
      ['words', 'wrong PIN: 7391'],
      ['a query', 'entry?pin=7391&x=1'],
      ['percent-encoding', encodeURIComponent('{"a":"7391"}')],
      ['octets', verify],
      ['hex', verify.toString('hex')],
      ['an inspected buffer', `<Buffer ${verify.toString('hex').replaceAll(/..(?=.)/g, '$& ')}>`],
      ['a buffer as JSON', JSON.stringify(verify)],
      ['base64', verify.toString('base64')],
      ['base64 in the middle', Buffer.concat([Buffer.of(1), verify]).toString('base64url')],
    ];
    const missed = pins.filter(([, leak]) => findPin(kept(leak), '7391').length === 0);
    expect(missed.map(([name]) => name)).toEqual([]);
  });
});

it('functions write to no queue and to no trace by themselves', () => {
  const sources = globSync('lambdas/**/*.ts').map((file) => [file, readFileSync(file, 'utf8')]);
  const writers =
    /@aws-sdk\/client-(sqs|sns|xray|kinesis|firehose)|aws-xray-sdk|putAnnotation|putTraceSegments/i;
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter(([, source]) => writers.test(source!)).map(([file]) => file)).toEqual([]);
});
