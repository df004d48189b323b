import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { PortPair } from './ports.ts';

/** What a kept cluster needs to come up again. */
export interface KeptCluster {
  readonly masters: number;
  readonly replicas: number;
  readonly nodes: readonly PortPair[];
}

/** Where a cluster keeps its files. */
export interface ClusterFolder {
  /** Absolute, without symbolic links: servers report their configuration file so. */
  readonly path: string;
  /** The cluster found there. */
  readonly kept: KeptCluster | undefined;
  /** Whether the folder itself was made for this cluster, and may be removed with it. */
  readonly isOwn: boolean;
}

const RECORD = 'slotwise-cluster.json';

/**
 * Prepares the folder of a cluster: a new temporary one, or the one named, which must be empty or absent, or hold a kept
 * cluster when `persist` is set. Files that are not the cluster's are thus never overwritten or removed.
 * @throws UsageError (`FOLDER_IN_USE`)
 */
export async function prepareFolder(dir: string | undefined, persist: boolean): Promise<ClusterFolder> {
  if (dir === undefined) {
    if (persist) throw new UsageError('USAGE', 'a cluster that persists needs a folder: name one with dir');
    const path = await realpath(await mkdtemp(join(tmpdir(), 'slotwise-')));
    return { path, kept: undefined, isOwn: true };
  }
  const made = await mkdir(resolve(dir), { recursive: true });
  const path = await realpath(resolve(dir));
  const names = await readdir(path);
  if (names.length === 0) return { path, kept: undefined, isOwn: made !== undefined };
  const kept = names.includes(RECORD) ? await readRecord(path) : undefined;
  if (kept !== undefined && persist) return { path, kept, isOwn: false };
  throw new UsageError(
    'FOLDER_IN_USE',
    kept === undefined
      ? `${path} is not empty and holds no cluster of slotwise: choose another folder`
      : `${path} holds a cluster that was kept: start with persist to use it, or choose another folder`,
  );
}

/** The cluster that was kept in this folder; undefined when there is none. @throws UsageError when its record cannot be read. */
export async function findKeptCluster(dir: string): Promise<KeptCluster | undefined> {
  return existsSync(join(resolve(dir), RECORD)) ? readRecord(resolve(dir)) : undefined;
}

/** Records the cluster, so that a later start finds it. */
export async function recordCluster(path: string, cluster: KeptCluster): Promise<void> {
  await writeFile(join(path, RECORD), `${JSON.stringify(cluster, undefined, 2)}\n`);
}

async function readRecord(path: string): Promise<KeptCluster> {
  const file = join(path, RECORD);
  try {
    const record: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isKeptCluster(record)) return record;
  } catch {
    // Told below, like a record of another shape.
  }
  throw new UsageError(
    'FOLDER_IN_USE',
    `${file} cannot be read as a kept cluster: remove the folder or choose another`,
  );
}

function isKeptCluster(value: unknown): value is KeptCluster {
  if (typeof value !== 'object' || value === null || !('nodes' in value) || !Array.isArray(value.nodes)) return false;
  const hasCounts = 'masters' in value && 'replicas' in value;
  return hasCounts && value.nodes.every((node: unknown) => isPortPair(node));
}

function isPortPair(value: unknown): value is PortPair {
  if (typeof value !== 'object' || value === null || !('port' in value) || !('busPort' in value)) return false;
  return Number.isInteger(value.port) && Number.isInteger(value.busPort);
}
