// Before `npm test`: one line rather than a stack in every suite that needs DynamoDB Local.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const { JAVA_HOME } = process.env;
const java = JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin', 'java');
if (spawnSync(java, ['-version']).status !== 0) {
  console.error(
    'test: Java is missing: install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)',
  );
  process.exit(1);
}
