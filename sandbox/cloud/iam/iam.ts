import type { Resource, Templates } from '../template/evaluate.ts';
import { AccessDenied } from './access-denied.ts';
import { type Need, type ResourcePolicies, authorize } from './authorize.ts';
import { AllowedDecisions } from './allowed-decisions.ts';
import { type Grant, type PolicyDocument, grantsOf, listOf } from './policy-document.ts';
import {
  type Credentials,
  type Principal,
  type RolePrincipal,
  type ServicePrincipal,
  newCredentials,
  readRoles,
  withoutHash,
} from './principals.ts';
import { type SignedRequest, verifySignature } from './sigv4.ts';

interface Session {
  readonly credentials: Credentials;
  readonly principal: RolePrincipal;
  /** The service that assumed the role, which the role's trust policy must allow. */
  readonly assumedBy: ServicePrincipal | undefined;
}

interface IamDependencies {
  readonly account: string;
  readonly region: string;
  /** The sandbox's clock. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/**
 * IAM as defined by the assembly's templates: authenticates requests and evaluates role policies
 * and the policies of keys, buckets and functions. Unknown signers are refused.
 */
export class Iam {
  readonly #dependencies: IamDependencies;
  readonly #sessions = new Map<string, Session>();
  readonly #used = new Set<string>();
  #roles = new Map<string, Omit<RolePrincipal, 'sessionArn'>>();
  #trust = new Map<string, readonly Grant[]>();
  #resources = new Map<string, readonly Grant[]>();
  #storageKeys = new Map<string, string>();
  #withheld: ReadonlySet<string> = new Set();
  readonly #missed = new Set<string>();
  #allowed = new AllowedDecisions();

  constructor(dependencies: IamDependencies) {
    this.#dependencies = dependencies;
  }

  load(templates: Templates): void {
    this.#roles = readRoles(templates);
    this.#trust = trustPolicies(templates);
    this.#resources = resourcePolicies(templates);
    this.#storageKeys = storageKeys(templates);
    this.#allowed = new AllowedDecisions();
  }

  /** Grants that can be withdrawn individually; Deny statements grant nothing. */
  grants(): readonly Grant[] {
    const all = [
      ...[...this.#roles.values()].flatMap(({ grants }) => grants),
      ...[...this.#sessions.values()].flatMap(({ principal }) => principal.grants),
      ...[...this.#trust.values(), ...this.#resources.values()].flat(),
    ].filter(({ effect }) => effect === 'Allow');
    return [...new Map(all.map((grant) => [grant.id, grant])).values()];
  }

  /** Ids of the grants that have allowed an action. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** Clears `used`, so that it reports later uses only. */
  forgetUsed(): void {
    this.#used.clear();
  }

  /** Ids of the withdrawn grants that would have allowed an action which was refused without them. */
  get missed(): ReadonlySet<string> {
    return this.#missed;
  }

  /** Withdraws these grants from now on, and restores all others; clears `missed`. */
  withhold(ids: Iterable<string>): void {
    this.#withheld = new Set(ids);
    this.#missed.clear();
    this.#allowed = new AllowedDecisions();
  }

  /** @throws AccessDenied if the role does not trust the service */
  assume(roleArn: string, by: ServicePrincipal, sessionName: string): RolePrincipal {
    const role = this.#roles.get(roleArn);
    if (role === undefined)
      throw new AccessDenied(
        `${by.service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      );
    this.#checkTrust(roleArn, by);
    return { ...role, sessionArn: this.#sessionArn(roleArn, sessionName) };
  }

  /** `assume`; undefined where the role does not trust the service (any more). */
  mayAssume(roleArn: string, by: ServicePrincipal, sessionName: string): RolePrincipal | undefined {
    try {
      return this.assume(roleArn, by, sessionName);
    } catch (cause) {
      if (cause instanceof AccessDenied) return undefined;
      throw cause;
    }
  }

  /** Credentials of a role for a service that runs code in its name. */
  issueFor(roleArn: string, by: ServicePrincipal, sessionName: string): Credentials {
    return this.#remember(this.assume(roleArn, by, sessionName), by);
  }

  /** Credentials of a principal with exactly these policies: an operator at a terminal. */
  issueTo(name: string, ...documents: readonly PolicyDocument[]): Credentials {
    const roleArn = `arn:aws:iam::${this.#dependencies.account}:role/${name}`;
    const grants = documents.flatMap((document) => grantsOf(name, document));
    const sessionArn = this.#sessionArn(roleArn, 'command-line');
    return this.#remember({ kind: 'role', name, roleArn, sessionArn, tags: {}, grants }, undefined);
  }

  /**
   * The signer.
   * @throws NotAuthenticated, AccessDenied
   */
  authenticate(service: string, request: SignedRequest): Principal {
    const { region, now } = this.#dependencies;
    const find = (id: string): Credentials | undefined => this.#sessions.get(id)?.credentials;
    const clocks = [now(), Date.now()];
    const { principal, assumedBy } = this.#sessions.get(
      verifySignature(request, find, { region, service, clocks }),
    ) as Session;
    if (assumedBy !== undefined) this.#checkTrust(principal.roleArn, assumedBy);
    return principal;
  }

  /** @throws AccessDenied, also for the key permissions that encrypted tables and buckets need */
  authorize(principal: Principal, ...needs: readonly Need[]): void {
    for (const need of needs) {
      this.#authorize(principal, need);
      for (const implied of this.#keyUse(need)) this.#authorize(principal, implied);
    }
  }

  /** Whether the action is allowed, for callers that handle a refusal themselves. */
  may(principal: Principal, need: Need): boolean {
    try {
      this.authorize(principal, need);
      return true;
    } catch (cause) {
      if (cause instanceof AccessDenied) return false;
      throw cause;
    }
  }

  #authorize(principal: Principal, need: Need): void {
    const { account, log } = this.#dependencies;
    const policies = { account, grantsOn: (name: string) => this.#resources.get(ownerOf(name)) };
    try {
      this.#decide(principal, need, policies);
    } catch (cause) {
      if (cause instanceof AccessDenied) log(`${cause.message}\n`);
      throw cause;
    }
  }

  #checkTrust(roleArn: string, by: ServicePrincipal): void {
    const { account } = this.#dependencies;
    const policies = { account, grantsOn: () => this.#trust.get(roleArn) };
    this.#decide(by, { action: 'sts:AssumeRole', resource: roleArn }, policies);
  }

  /**
   * Policies change only by `load` and `withhold`, so that an action once allowed stays allowed until
   * then. A refusal is decided again each time.
   */
  #decide(principal: Principal, need: Need, policies: ResourcePolicies): void {
    const grants = this.#allowed.of(principal, need, () => {
      const used: Grant[] = [];
      try {
        authorize(principal, need, policies, this.#withheld, (grant) => used.push(grant));
      } catch (cause) {
        this.#noteMissed(principal, need, policies);
        throw cause;
      }
      return used;
    });
    for (const { id } of grants) this.#used.add(id);
  }

  #noteMissed(principal: Principal, need: Need, policies: ResourcePolicies): void {
    if (this.#withheld.size === 0) return;
    const note = ({ id }: Grant): void => {
      if (this.#withheld.has(id)) this.#missed.add(id);
    };
    try {
      authorize(principal, need, policies, new Set(), note);
    } catch (cause) {
      if (!(cause instanceof AccessDenied)) throw cause;
    }
  }

  /** DynamoDB and S3 use the key of an encrypted table or bucket on behalf of the caller. */
  *#keyUse({ action, resource }: Need): Generator<Need> {
    const key = this.#storageKeys.get(ownerOf(resource));
    if (key === undefined) return;
    const [service = ''] = action.split(':', 1);
    const context = { 'kms:ViaService': `${service}.${this.#dependencies.region}.amazonaws.com` };
    for (const use of keyActions(action))
      yield { action: use, resource: key, context: { ...context, 'aws:ViaAWSService': 'true' } };
  }

  #remember(principal: RolePrincipal, assumedBy: ServicePrincipal | undefined): Credentials {
    const credentials = newCredentials();
    this.#sessions.set(credentials.accessKeyId, { credentials, principal, assumedBy });
    return credentials;
  }

  #sessionArn = (roleArn: string, session: string): string =>
    `arn:aws:sts::${this.#dependencies.account}:assumed-role/${roleArn.split('/').pop()}/${session}`;
}

/**
 * The KMS actions of an action on an encrypted table or object (DynamoDB developer guide,
 * "Encryption at rest: usage notes"; S3 user guide, "Using server-side encryption with AWS KMS
 * keys").
 */
function keyActions(action: string): readonly string[] {
  if (/^dynamodb:(Describe|List|Create|Delete|Update)(Table|TimeToLive)/.test(action)) return [];
  if (action.startsWith('dynamodb:')) return ['kms:Decrypt'];
  if (action === 's3:GetObject') return ['kms:Decrypt'];
  // Decrypt is needed for the parts of a multipart upload, which are concatenated on completion.
  if (action === 's3:PutObject') return ['kms:GenerateDataKey', 'kms:Decrypt'];
  return [];
}

/** The table of an index, the bucket of an object. */
const ownerOf = (arn: string): string =>
  arn.startsWith('arn:aws:s3:::') ? (arn.split('/', 1)[0] ?? arn) : arn.replace(/\/index\/.*$/, '');

function trustPolicies(templates: Templates): Map<string, Grant[]> {
  return new Map(
    templates.resources('AWS::IAM::Role').map(({ identity, properties, logicalId }) => {
      const arn = identity.attributes['Arn'] ?? '';
      const document = properties['AssumeRolePolicyDocument'] as PolicyDocument;
      return [arn, grantsOf(`trust of ${withoutHash(logicalId)}`, document, arn)];
    }),
  );
}

function resourcePolicies(templates: Templates): Map<string, readonly Grant[]> {
  const policies = new Map<string, readonly Grant[]>();
  const add = (arn: string, name: string, document: PolicyDocument): void => {
    policies.set(arn, [...(policies.get(arn) ?? []), ...grantsOf(name, document, arn)]);
  };
  const keys = [
    ...templates.resources('AWS::KMS::Key'),
    ...templates.resources('AWS::KMS::ReplicaKey'),
  ];
  for (const { identity, properties, logicalId } of keys)
    add(
      identity.attributes['Arn'] ?? '',
      `key ${withoutHash(logicalId)}`,
      properties['KeyPolicy'] as PolicyDocument,
    );
  const documented = (type: string, owners: (resource: Resource) => readonly string[]): void => {
    for (const resource of templates.resources(type))
      for (const arn of owners(resource))
        add(
          arn,
          `policy ${withoutHash(resource.logicalId)}`,
          resource.properties['PolicyDocument'] as PolicyDocument,
        );
  };
  documented('AWS::S3::BucketPolicy', ({ properties }) => [
    `arn:aws:s3:::${String(properties['Bucket'])}`,
  ]);
  documented('AWS::SNS::TopicPolicy', ({ properties }) => listOf(properties['Topics'] as string[]));
  const permissions = templates.resources('AWS::Lambda::Permission');
  for (const { properties, logicalId } of permissions) {
    // On an alias it is about the alias alone, on a function about calls that name no version.
    const fn = String(properties['FunctionName']);
    add(fn, `permission ${withoutHash(logicalId)}`, {
      Statement: permissionStatement(properties, fn),
    });
  }
  return policies;
}

/** The statement that AddPermission adds to a function's policy. */
function permissionStatement(properties: Resource['properties'], fn: string) {
  const { Action, Principal, SourceArn, SourceAccount } = properties as Record<string, string>;
  const service = String(Principal).endsWith('.amazonaws.com');
  return {
    Effect: 'Allow',
    Principal: service ? { Service: Principal! } : { AWS: Principal! },
    Action: Action!,
    Resource: fn,
    ...((SourceArn ?? SourceAccount) && {
      Condition: {
        ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
        ...(SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
      },
    }),
  };
}

/** ARN of a table or bucket → ARN of the customer's key that encrypts it. */
function storageKeys(templates: Templates): Map<string, string> {
  const keys = new Map<string, string>();
  const known = templates.resources('AWS::KMS::Key').map(({ identity }) => identity);
  const arnOf = (key: string): string =>
    known.find(({ ref, attributes }) => ref === key || attributes['Arn'] === key)?.attributes[
      'Arn'
    ] ?? key;
  for (const type of ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])
    for (const { identity, properties } of templates.resources(type)) {
      const { KMSMasterKeyId } = (properties['SSESpecification'] ?? {}) as {
        KMSMasterKeyId?: string;
      };
      if (KMSMasterKeyId !== undefined)
        keys.set(identity.attributes['Arn'] ?? '', arnOf(KMSMasterKeyId));
    }
  for (const { identity, properties } of templates.resources('AWS::S3::Bucket')) {
    const { ServerSideEncryptionConfiguration: rules } = (properties['BucketEncryption'] ?? {}) as {
      ServerSideEncryptionConfiguration?: readonly {
        ServerSideEncryptionByDefault?: { KMSMasterKeyID?: string };
      }[];
    };
    const key = rules?.[0]?.ServerSideEncryptionByDefault?.KMSMasterKeyID;
    if (key !== undefined) keys.set(identity.attributes['Arn'] ?? '', arnOf(key));
  }
  return keys;
}
