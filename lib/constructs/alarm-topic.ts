import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';

/** Where alarms go: a topic that exists, or one of our own with the configured address. */
export class AlarmTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'Alarms');
    const { email, topicArn } = configuration.alarms;
    if (topicArn !== undefined) {
      this.topic = Topic.fromTopicArn(this, 'Topic', topicArn);
      return;
    }
    // CloudWatch can't use the AWS-managed key of SNS.
    const key = new Key(this, 'Key', {
      description: 'My Key Platform: alarm messages',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { account } = Stack.of(this);
    const cloudWatch = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      // Another account's alarms reach CloudWatch's principal too: only ours may speak here.
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    };
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        ...cloudWatch,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    const topic = new Topic(this, 'Topic', {
      displayName: `My Key Platform (${configuration.stage})`,
      masterKey: key,
      enforceSSL: true,
    });
    // A topic with any policy of its own has lost the default one, which lets the account publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        ...cloudWatch,
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    this.topic = topic;
  }
}
