import { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import type { Platform } from '../../lib/platform.ts';

/** What AWS's and NIST's rules find and nobody acknowledged, over all stacks: rule and place. */
export const violationsOf = (platform: Platform): readonly string[] =>
  Object.values(platform)
    .flat()
    .filter((part) => part instanceof Stack)
    .flatMap((stack) =>
      [new AwsSolutionsChecks(stack), new NIST80053R5Checks(stack)].flatMap((pack) =>
        pack
          .validateScope(stack)
          .violations.map(({ ruleName, violatingResources }) =>
            [
              ruleName,
              ...violatingResources.map(({ resourceLogicalId }) => resourceLogicalId),
            ].join(' '),
          ),
      ),
    );
