import { join } from 'node:path'
import { scalingPicture } from './scaling-picture.ts'
import type { ServiceReplay } from './spike-replays.ts'

/** The pictures of the documents, by path. */
export function scalingPictures(replays: readonly ServiceReplay[]): ReadonlyMap<string, string> {
  return new Map(
    replays.map((replay) => [
      join('docs', 'kubernetes', `scaling-${replay.load.service}.svg`),
      scalingPicture(replay),
    ]),
  )
}
