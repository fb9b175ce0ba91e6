import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from '../lib/config.ts';
import { definePlatform } from '../lib/platform.ts';

const app = new App();
try {
  definePlatform(app, readConfiguration(app.node.getAllContext() as Record<string, unknown>));
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`my-key-platform: ${error.message}`);
  process.exit(1);
}
