import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoTerminals } from '../../platform/adapters/dynamodb/terminals.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { terminalsHandler } from './handler.ts';

export const handler = terminalsHandler(
  dynamoTerminals(documentClient(), required('SERVICES_TABLE')),
  { publicBaseUrl: publicBaseUrl() },
);
