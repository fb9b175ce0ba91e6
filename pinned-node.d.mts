export function pinnedNode(platform: string, arch: string): string | undefined;
export function wayToNode24(platform: string, arch: string): string;
