import type { Task } from '@golden-arch/core/tasks'

/** The tag of a task as the API shows it: every change of a task raises its version. */
export function etagOf(task: Pick<Task, 'version'>): string {
  return `W/"${task.version}"`
}

/** Whether a client's `If-None-Match` names what it would be sent: RFC 9110, weak comparison. */
export function isUnchanged(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return header.trim() === '*' || header.split(',').some((tag) => opaque(tag) === opaque(etag))
}
