import { invalidParameter, ServiceError } from './errors.ts';
import type { SecretVersion } from './stored-secret.ts';

/** The label that readers get when they name none. */
export const CURRENT = 'AWSCURRENT';
/** The label that follows AWSCURRENT by itself, to the version that AWSCURRENT left. */
const PREVIOUS = 'AWSPREVIOUS';
/** The most labels attached across all versions of one secret. */
const MAX_LABELS = 20;

/** The version that has a label, if any has. */
export function labelHolder(versions: readonly SecretVersion[], stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/**
 * The versions after labels were attached to one of them. Each label leaves the version that had it; when
 * AWSCURRENT leaves a version, AWSPREVIOUS goes there. Rejects with `LimitExceededException` above 20 labels.
 */
export function attachStages(
  versions: readonly SecretVersion[],
  versionId: string,
  stages: readonly string[],
): readonly SecretVersion[] {
  let moved = versions;
  for (const stage of new Set(stages)) moved = moveLabel(moved, stage, versionId);
  const left = labelHolder(versions, CURRENT);
  if (stages.includes(CURRENT) && left && left.id !== versionId) moved = moveLabel(moved, PREVIOUS, left.id);

  const count = moved.reduce((sum, version) => sum + version.stages.length, 0);
  if (count > MAX_LABELS) {
    throw new ServiceError(
      'LimitExceededException',
      `A secret can have ${MAX_LABELS} staging labels across all its versions. Remove one that is not needed.`,
    );
  }
  return moved;
}

/** What UpdateSecretVersionStage asks for. */
export interface LabelMove {
  readonly stage: string;
  readonly removeFromVersionId?: string | undefined;
  readonly moveToVersionId?: string | undefined;
}

/**
 * The versions after one label was moved, attached or removed. Rejects with `InvalidParameterException` when
 * the label is on another version than the one named to lose it, and when AWSCURRENT would vanish; with
 * `ResourceNotFoundException` for an unknown version.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function moveStage(versions: readonly SecretVersion[], move: LabelMove): readonly SecretVersion[] {
  const { stage, removeFromVersionId: from, moveToVersionId: to } = move;
  for (const id of [from, to]) {
    if (id !== undefined && !versions.some((version) => version.id === id)) {
      throw new ServiceError(
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret version.",
      );
    }
  }
  const holder = labelHolder(versions, stage);
  if (from !== undefined && holder?.id !== from) {
    throw invalidParameter('The staging label is not attached to the version named in RemoveFromVersionId.');
  }
  if (to === undefined) {
    if (from === undefined) {
      throw invalidParameter('You must provide MoveToVersionId, RemoveFromVersionId, or both.');
    }
    if (stage === CURRENT) {
      throw invalidParameter(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    }
    return moveLabel(versions, stage, undefined);
  }
  if (holder && holder.id !== to && from === undefined) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to ` +
        `version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  return attachStages(versions, to, [stage]);
}

/** Versions whose labels stay as they are stay the same objects: only what changed is written down. */
function moveLabel(
  versions: readonly SecretVersion[],
  stage: string,
  toVersionId: string | undefined,
): readonly SecretVersion[] {
  return versions.map((version) => {
    const has = version.stages.includes(stage);
    if (has === (version.id === toVersionId)) return version;
    const stages = has ? version.stages.filter((other) => other !== stage) : [...version.stages, stage];
    return { ...version, stages };
  });
}
