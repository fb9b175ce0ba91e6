import { openDownload } from '../../platform/adapters/crl-download/open-download.ts';
import { readDeployment } from '../../platform/adapters/deployment.ts';
import { openListWriter } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { s3Client } from '../../platform/adapters/s3/s3-client.ts';
import { ingestHandler } from './ingest-crl-handler.ts';

const { stage, trustProfile } = readDeployment();
const names = { table: required('REVOCATION_TABLE'), bucket: required('REVOCATION_BUCKET') };
const objects = s3Client();

export const handler = ingestHandler({
  stage,
  profile: trustProfile,
  writer: openListWriter(names),
  download: (url) => openDownload(url, objects),
});
