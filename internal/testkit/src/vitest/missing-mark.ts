import type { ServiceName } from '../service.ts'

/** Ends the title of a suite that is skipped because its service is missing. */
export function missingMark(name: ServiceName): string {
  return ` [no ${name}]`
}
