import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import type { CrlSource } from '../../../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { now, rulesFor } from '../../crl-store/list-fixtures.ts';
import { localDynamoDb, localS3 } from '../../../sandbox/cloud/local-clients.ts';
import { openStore } from './revocation-tables.ts';

/**
 * Ingests the list on stdin and ends itself by SIGKILL at PLACE: 0 to 3 while reading, 4 to 16 before
 * the (n − 3)rd pair of pages, 17 before the filter, 18 before the switch, 19 right behind it.
 */
const place = Number(process.env['PLACE']);
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('survived');
};

let pairs = 0;
const dynamoDb = localDynamoDb(process.env['DYNAMODB']!);
const client = {
  send: (async (command: { constructor: { name: string } }) => {
    const isSwitch = command.constructor.name === 'PutItemCommand';
    if (command instanceof BatchWriteItemCommand) return putInPairs(command);
    if (isSwitch && place === 18) die();
    const answer = await dynamoDb.send(command as never);
    if (isSwitch && place === 19) die();
    return answer;
  }) as never,
};

/** So that death also comes in the middle of a batch. */
async function putInPairs({ input }: BatchWriteItemCommand): Promise<object> {
  const [[table, requests]] = Object.entries(input.RequestItems!) as [[string, WriteRequest[]]];
  for (let i = 0; i < requests.length; i += 2) {
    if (4 + pairs++ === place) die();
    const pair = requests.slice(i, i + 2);
    await dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [table]: pair } }));
  }
  return {};
}
const s3 = localS3(process.env['S3']!);
const objects = {
  send: (async (command: object) => (place === 17 ? die() : s3.send(command as never))) as never,
};

const source = JSON.parse(process.env['SOURCE']!) as CrlSource;
const certificate = parseCertificate(Buffer.from(process.env['ANCHOR']!, 'base64'));
const rules = {
  ...rulesFor(),
  anchors: [{ id: source.anchorId, kind: 'user-authentication' as const, certificate }],
};

async function* chunks(): AsyncIterable<Uint8Array> {
  let n = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    yield chunk;
    if (place < 4 && n++ === place) die();
  }
  if (place < 4) die();
}

await ingestCrl(chunks(), [source], {
  rules,
  writer: openStore(client, objects, process.env['TABLE']!).writer,
  now,
});
