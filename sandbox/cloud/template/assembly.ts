import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Json;
  readonly Condition?: string;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: unknown } }>>;
  readonly Parameters?: Readonly<Record<string, { Type?: string; Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Json>>;
  readonly Conditions?: Json;
}

export interface AssemblyStack {
  readonly name: string;
  readonly template: Template;
}

export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  /** Path of an asset, by its hash. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        type: string;
        properties?: {
          templateFile?: string;
          stackName?: string;
          file?: string;
          directoryName?: string;
        };
      }
    >
  >;
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { source: { path?: string } }>>;
}

/** Reads a synthesised cloud assembly (the cdk.out folder), including nested assemblies. */
export function readAssembly(directory: string): Assembly {
  const stacks: AssemblyStack[] = [];
  const assets = new Map<string, string>();
  const manifest = readJson(join(directory, 'manifest.json')) as Manifest;
  for (const [id, { type, properties = {} }] of Object.entries(manifest.artifacts ?? {})) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile !== undefined) {
      const template = readJson(join(directory, properties.templateFile)) as Template;
      stacks.push({ name: properties.stackName ?? id, template });
    } else if (type === 'cdk:asset-manifest' && properties.file !== undefined) {
      const file = join(directory, properties.file);
      const { files = {} } = readJson(file) as AssetManifest;
      for (const [hash, { source }] of Object.entries(files))
        if (source.path !== undefined) assets.set(hash, join(dirname(file), source.path));
    } else if (type === 'cdk:cloud-assembly' && properties.directoryName !== undefined) {
      const nested = readAssembly(join(directory, properties.directoryName));
      stacks.push(...nested.stacks);
      for (const [hash, path] of nested.assets) assets.set(hash, path);
    }
  }
  return { stacks, assets };
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
