/** Grants that no step here uses, or whose loss none notices, each with the reason to have it. */
const unusedHere: readonly (readonly [id: RegExp, reason: string])[] = [
  [
    /^Allow (NotifyWebhooksRole: |WebhooksRole: lambda:InvokeFunction on .*NotifyWebhooks)/,
    'Tells a service of events in the hour after them: main-job.test.ts moves the clock and verifies the notice; here the other steps’ tokens would expire.',
  ],
  [
    /^Allow KeyVersionsRole: dynamodb:(PutItem|DeleteItem) /,
    'Re-seals what a previous key version sealed; here there is one version.',
  ],
  [
    /^Allow (BulkJob|ListComparison|Webhooks)Role: logs:/,
    'Step Functions uses these when the state machine is deployed and its log delivered, which is not served here.',
  ],
  [
    /^Allow JobsRole: s3:DeleteObject on .*\/chunks\/\*$/,
    'Deletes the parts of a job that is cancelled while it is checked: whether there are any yet when the step cancels it is a matter of milliseconds.',
  ],
  [
    /^Allow JobChunkRole: s3:DeleteObject /,
    'Takes back what a worker wrote while its job was cancelled: between two reads of its state, which no step can time.',
  ],
  [
    /^Allow JobFinishRole: s3:(AbortMultipartUpload|DeleteObject) on .*\/results\/\*$/,
    'Clears up results of which only some were written when S3 failed or the job was cancelled, which no step can time.',
  ],
  [
    /^Allow \w*EventsRole: states:StartExecution/,
    'EventBridge assumes it to start a state machine; the event bus here starts it by itself.',
  ],
  [
    /^Allow RightsSweepRole: (kms:|dynamodb:(GetItem|PutItem|DeleteItem) )/,
    'Executes deletions a day or more after they are asked for: test/e2e/attacker executes one, with the clock moved; here, with the clock moved so far, lists and tokens of the other steps would have expired.',
  ],
  [/^Allow IngestCrlRole: sqs:Get/, 'CDK grants them with SendMessage; Lambda sends without them.'],
  [
    /^Allow key \w+: kms:/,
    "A key's policy hands the account's administrators what is done at deployment and rotation; uses by functions are single statements of their roles.",
  ],
  [
    /^Allow policy \w+: sns:/,
    'CloudWatch publishes alarms to the topic; alarms are not served here.',
  ],
  [/^Allow policy \w+: s3:/, 'S3 itself delivers access logs, which is not served here.'],
  [/^Allow trust of /, 'Assumed by a service that is not served here.'],
];

export const reasonFor = (id: string): string | undefined =>
  unusedHere.find(([pattern]) => pattern.test(id))?.[1];
