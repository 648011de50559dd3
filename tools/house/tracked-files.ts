import { execFileSync } from 'node:child_process'

/** A rule that a file breaks. */
export interface Finding {
  readonly file: string
  readonly problem: string
}

/** The files that git tracks or would track, with forward slashes. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return listed.split('\0').filter((file) => file !== '')
}
