import { guard, type GuardedRoom } from './guarded-room.ts';

/** What AWS refuses, drops or lets pass, and no laptop shows. */
const deployment: GuardedRoom = {
  tests: [
    'test/lib/api.test.ts',
    'test/lib/deliveries.test.ts',
    'test/lib/ingestion-and-jobs.test.ts',
    'test/lib/network-and-address.test.ts',
    'test/lib/protection.test.ts',
  ],
  mutations: [
    // A TOKEN authorizer, whose event lacks the request.
    guard(
      'lib/constructs/capability-api.ts',
      'RequestAuthorizer,',
      'TokenAuthorizer as RequestAuthorizer,',
    ),
    guard(
      'lib/constructs/capability-api.ts',
      'this.deploymentStage.node.addDependency(executionLog);',
      '',
    ),
    // The topic's policy then only denies, and replaces the default one.
    guard(
      'lib/constructs/alarm-topic.ts',
      'topic.addToResourcePolicy(',
      '((_: unknown): void => {})(',
    ),
    guard(
      'lib/constructs/alarm-topic.ts',
      'key.addToResourcePolicy(',
      '((_: unknown): void => {})(',
    ),
    guard(
      'lib/constructs/bulk-job-machine.ts',
      "payload: TaskInput.fromJsonPathAt('$'), outputPath: JsonPath.DISCARD,",
      "payload: TaskInput.fromJsonPathAt('$'),",
    ),
    guard('lib/constructs/api-address.ts', 'disableExecuteApiEndpoint: domain !== undefined,', ''),
    guard(
      'lib/constructs/api-address.ts',
      "StringNotEquals: { 'aws:SourceVpce': privateEndpointIds },",
      "StringEquals: { 'aws:SourceVpce': privateEndpointIds },",
    ),
    guard(
      'lib/constructs/platform-network.ts',
      'if (!reachesJlis && !this.#placeAll) return undefined;',
      '',
    ),
    guard(
      'lib/constructs/problem-responses.ts',
      "[ResponseType.WAF_FILTERED, 'request-blocked'],",
      '',
    ),
    guard('lib/constructs/platform-table.ts', 'props.itemsExpire && {', '{'),
    guard(
      'lib/constructs/logged-state-machine.ts',
      "'xray:GetSamplingRules', 'xray:GetSamplingTargets',",
      '',
    ),
  ],
};

export const deploymentRooms: readonly GuardedRoom[] = [deployment];
