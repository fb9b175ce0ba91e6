import type { OperationContract } from './operation-contract.ts';
import { routes, type OperationId, type Route } from './routes.ts';
import * as attributes from '../../capabilities/attribute-status/contract.ts';
import * as authentications from '../../capabilities/authentications/contract.ts';
import * as certificates from '../../capabilities/certificates/contract.ts';
import * as challenges from '../../capabilities/challenges/contract.ts';
import * as jobs from '../../capabilities/jobs/contract.ts';
import * as oauth from '../../capabilities/tokens/contract.ts';
import * as revocations from '../../capabilities/revocation-checks/contract.ts';
import * as services from '../../capabilities/services/contract.ts';
import * as status from '../../capabilities/status/contract.ts';

/**
 * THE catalogue: every route of `routes.ts` with its schemas. Functions import only their own
 * schemas; this whole is for CDK, the OpenAPI document and the tests.
 */
export interface Operation extends Route {
  readonly id: OperationId;
  readonly contract: OperationContract;
}

const contracts: Readonly<Record<OperationId, OperationContract>> = {
  'get-token': oauth.getToken,
  'get-token-keys': oauth.getTokenKeys,
  'get-server-metadata': oauth.getServerMetadata,
  'create-service': services.createService,
  'get-service': services.getService,
  'change-service-status': services.changeServiceStatus,
  'get-service-jwks': services.getServiceJwks,
  'replace-service-jwks': services.replaceServiceJwks,
  'create-challenge': challenges.createChallenge,
  authenticate: authentications.authenticate,
  'validate-certificate': certificates.validateCertificate,
  'check-attributes': attributes.checkAttributes,
  'check-revocations': revocations.checkRevocations,
  'list-revocation-sources': revocations.listRevocationSources,
  'create-job': jobs.createJob,
  'get-job': jobs.getJob,
  'start-job': jobs.startJob,
  'cancel-job': jobs.cancelJob,
  'get-status': status.getStatus,
  'get-openapi': status.getOpenapi,
  'get-docs': status.getDocs,
};

export const operations: readonly Operation[] = routes.map((route) => ({
  ...route,
  contract: contracts[route.id],
}));
