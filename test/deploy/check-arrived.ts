import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { operations } from '../../lib/operations.ts';
import { checkNetwork, type Promised } from './check-network.ts';

const functionNames = [
  'authorizer',
  ...new Set(operations.map(({ capability }) => capability)),
  'job-plan',
  'job-chunk',
  'job-finish',
  'ingest-crl',
  'watch-lists',
  'rights-sweep',
];

/** Looks at what was deployed; answers with what is not as it should be. */
export async function checkArrived(
  endpoint: string,
  region: string,
  promised?: Promised,
): Promise<string[]> {
  const client = {
    endpoint,
    region,
    credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' },
  };
  const missing: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    console.log(`${holds ? 'arrived' : 'MISSING'}: ${what}`);
    if (!holds) missing.push(what);
  };

  const dynamodb = new DynamoDBClient(client);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  for (const table of ['Services', 'Sessions', 'Identity', 'Revocation', 'Jobs']) {
    const name = TableNames.find((candidate) => candidate.includes(`-${table}Table`));
    const { Table } = name
      ? await dynamodb.send(new DescribeTableCommand({ TableName: name }))
      : { Table: undefined };
    const keys = Table?.KeySchema?.map(({ AttributeName }) => AttributeName).join();
    const paid = Table?.BillingModeSummary?.BillingMode;
    expect(keys === 'pk,sk' && paid === 'PAY_PER_REQUEST', `table ${table}, pk and sk, on demand`);
  }

  const { Aliases = [] } = await new KMSClient(client).send(new ListAliasesCommand({}));
  for (const key of ['ppid', 'index', 'token', 'data'])
    expect(
      Aliases.some(
        ({ AliasName, TargetKeyId }) =>
          AliasName?.endsWith(`/dev/${key}`) === true && !!TargetKeyId,
      ),
      `key ${key} under its alias`,
    );

  const { Buckets = [] } = await new S3Client({ ...client, forcePathStyle: true }).send(
    new ListBucketsCommand({}),
  );
  for (const bucket of ['revocationbucket', 'jobsbucket', 'accesslogbucket'])
    expect(
      Buckets.some(({ Name }) => Name?.includes(bucket)),
      `bucket ${bucket}`,
    );

  const { stateMachines = [] } = await new SFNClient(client).send(new ListStateMachinesCommand({}));
  expect(
    stateMachines.some(({ name }) => name === 'my-key-platform-dev-jobs'),
    'state machine of bulk jobs',
  );

  // Control planes that the platform itself needs no client for.
  const get = async <T>(service: string, path: string): Promise<T> => {
    const credential = `Credential=moto/20260101/${region}/${service}/aws4_request`;
    const answer = await fetch(`${endpoint}${path}`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
      },
    });
    return (await answer.json()) as T;
  };
  interface Listed {
    readonly Functions: readonly {
      readonly FunctionName: string;
      readonly Runtime: string;
      readonly CodeSize: number;
    }[];
  }
  const { Functions } = await get<Listed>('lambda', '/2015-03-31/functions/');
  for (const name of functionNames) {
    const id = name.replaceAll('-', '').toLowerCase();
    const found = Functions.find((fn) => fn.FunctionName.toLowerCase().includes(`-${id}`));
    expect(found?.Runtime === 'nodejs24.x' && found.CodeSize > 0, `function ${name} with its code`);
  }

  const { item: apis } = await get<{ item: readonly { id: string; name: string }[] }>(
    'apigateway',
    '/restapis',
  );
  const api = apis.find(({ name }) => name === 'my-key-platform-dev');
  interface Resources {
    readonly item: readonly { readonly path: string; readonly resourceMethods?: object }[];
  }
  const { item: resources } = await get<Resources>('apigateway', `/restapis/${api?.id}/resources`);
  for (const { method, path } of operations)
    expect(
      resources.some(
        (resource) => resource.path === path && method in (resource.resourceMethods ?? {}),
      ),
      `route ${method} ${path}`,
    );
  if (promised !== undefined) checkNetwork(endpoint, region, promised, expect);
  return missing;
}
