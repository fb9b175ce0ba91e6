import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';

/** Destination of alarms: an existing topic, or a new one with the configured e-mail address. */
export class AlarmTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'Alarms');
    const { email, topicArn } = configuration.alarms;
    if (topicArn !== undefined) {
      this.topic = Topic.fromTopicArn(this, 'Topic', topicArn);
      return;
    }
    // CloudWatch cannot use SNS's AWS-managed key.
    const key = new Key(this, 'Key', {
      description: 'My Key Platform: alarm messages',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { account } = Stack.of(this);
    const cloudWatch = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      // The CloudWatch principal also covers alarms of other accounts: only this account's may
      // publish.
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
    // An explicit policy replaces the topic's default policy, which lets the account publish.
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
