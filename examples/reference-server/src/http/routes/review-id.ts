import type { ReviewKey } from '@golden-arch/governance/review'

/** What the API calls a round by: its subject, which may hold any letter, and its number, in letters that are plain in a URL. */
export function reviewIdOf({ subjectId, round }: Pick<ReviewKey, 'subjectId' | 'round'>): string {
  return `${Buffer.from(subjectId, 'utf8').toString('base64url')}.${round}`
}

/** The round of an id; undefined where it is the id of none. */
export function reviewKeyOf(id: string): Pick<ReviewKey, 'subjectId' | 'round'> | undefined {
  const [, encoded = '', digits = ''] = /^([\w-]+)\.([1-9]\d{0,9})$/.exec(id) ?? []
  const subjectId = Buffer.from(encoded, 'base64url').toString('utf8')
  const key = { subjectId, round: Number(digits) }
  const isStorable = !subjectId.includes('\0') && subjectId.length >= 1 && subjectId.length <= 256
  return isStorable && key.round < 2 ** 31 && reviewIdOf(key) === id ? key : undefined
}
