import { CloudFormationValidatePlugin } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SynthesisedPlatform } from './synthesise-platform.ts';

const accountId = '123456789012';

/** CDK itself writes dependencies that a GetAtt already implies. */
const acknowledged = new Set(['W3005']);

type SynthesisedTemplates = Pick<SynthesisedPlatform, 'platform' | 'clientKeys'> & {
  readonly templates: Partial<SynthesisedPlatform['templates']>;
};

/** What CloudFormation's own schemas and rules (cfn-lint's numbers) find in the templates: errors and warnings. */
export function templateFaultsOf(
  { platform, templates, clientKeys }: SynthesisedTemplates,
  region = 'ap-northeast-1',
): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-templates-'));
  try {
    const all: readonly Template[] = [...Object.values(templates), ...clientKeys];
    const stackTemplates = all.map((template, n) => {
      const templatePath = join(folder, `${n}.template.json`);
      writeFileSync(templatePath, JSON.stringify(template.toJSON()));
      return { stackConstructPath: `${n}`, templatePath, accountId, region };
    });
    const { success, violations } = validator.validate({
      templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
      stackTemplates,
      appConstruct: platform.data.node.root,
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
