import { CloudFormationValidatePlugin } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SynthesisedPlatform } from './synthesise-platform.ts';

const accountId = '123456789012';

/** CDK itself writes dependencies that a GetAtt already implies. */
const acknowledged = new Set(['W3005']);

/** The faults of every template of a synthesised platform. */
export const platformFaultsOf = (
  { platform, templates, clientKeys }: SynthesisedPlatform,
  region?: string,
): readonly string[] =>
  templateFaultsOf(platform.data.node.root, [...Object.values(templates), ...clientKeys], region);

/** What CloudFormation's own schemas and rules (cfn-lint's numbers) find in the templates: errors and warnings. */
export function templateFaultsOf(
  appConstruct: IConstruct,
  templates: readonly Template[],
  region = 'ap-northeast-1',
): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-templates-'));
  try {
    const stackTemplates = templates.map((template, n) => {
      const templatePath = join(folder, `${n}.template.json`);
      writeFileSync(templatePath, JSON.stringify(template.toJSON()));
      return { stackConstructPath: `${n}`, templatePath, accountId, region };
    });
    const { success, violations } = validator.validate({
      templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
      stackTemplates,
      appConstruct,
      accountId,
      region,
    });
    const faults = violations
      .filter(({ ruleName, severity }) => severity !== 'info' && !acknowledged.has(ruleName))
      .flatMap(({ ruleName, description, violatingResources }) =>
        violatingResources.map(({ resourceLogicalId }) =>
          [ruleName, resourceLogicalId, description].join(' '),
        ),
      );
    return success || faults.length > 0 ? faults : ['the validation failed without a finding'];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Its rules and schemas take seconds to compile. */
const validator = new CloudFormationValidatePlugin();
