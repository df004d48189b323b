export const summaries: ReadonlyMap<string, string> = new Map();
