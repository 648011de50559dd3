import type { ServiceName, Way } from '../service.ts'

/** Programs of one service, found somewhere and proven to run. */
export interface Programs {
  /** Folder that holds them all. */
  readonly folder: string
  readonly version: string
  readonly how: Way
  /** Where their libraries are, when they are not the machine's own. */
  readonly libraryPath?: string | undefined
}

/** The programs that each service needs; the first is the server itself. */
export const PROGRAM_NAMES: Readonly<Record<ServiceName, readonly [string, ...string[]]>> = {
  postgres: ['postgres', 'initdb'],
  redis: ['redis-server'],
  nats: ['nats-server'],
  docker: ['dockerd'],
  bubblewrap: ['bwrap'],
  chromium: ['chromium'],
  prometheus: ['prometheus', 'promtool', 'amtool'],
}
