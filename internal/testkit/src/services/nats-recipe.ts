import { join } from 'node:path'
import type { Programs } from '../programs/programs.ts'
import { askOverTcp } from '../server/ask-over-tcp.ts'
import type { ServerRecipe } from '../server/private-server.ts'

/** The address of a NATS server of ours. */
export function natsAddress(port: number): string {
  return `nats://127.0.0.1:${port}`
}

/** A server's place among others: the port that they reach it at, and those of all. */
export interface NatsRoutes {
  readonly port: number
  readonly all: readonly number[]
}

/** Whom a server lets in: who says this token, or this user's password. */
export type NatsAuthorization =
  | { readonly token: string }
  | { readonly user: string; readonly password: string }

/** What a server of ours may have beside its port and its files. */
export interface NatsSettings {
  readonly routes?: NatsRoutes | undefined
  readonly authorization?: NatsAuthorization | undefined
}

/** nats-server with JetStream, its files in the data folder; with `fsync` an acknowledged message is on the disk. */
export function natsRecipe(
  programs: Programs,
  fsync: boolean,
  { routes, authorization }: NatsSettings = {},
): ServerRecipe {
  return {
    name: 'nats',
    file: join(programs.folder, 'nats-server'),
    libraryPath: programs.libraryPath,
    argumentsFor(folder, port) {
      const syncInterval = fsync ? ', sync_interval: always' : ''
      const text = `
        listen: "127.0.0.1:${port}"
        server_name: "testkit-${port}"
        jetstream { store_dir: ${JSON.stringify(folder.dataPath)}, max_memory_store: 256MB, max_file_store: 4GB${syncInterval} }
        ${routes === undefined ? '' : clusterText(routes)}
        ${authorization === undefined ? '' : `authorization ${JSON.stringify(authorization)}`}
      `
      return ['-c', folder.writePrivateFile('nats.conf', text)]
    },
    askVersion: (port) => askNatsVersion(natsAddress(port)),
  }
}

function clusterText({ port, all }: NatsRoutes): string {
  const others = all.filter((one) => one !== port).map((one) => JSON.stringify(natsAddress(one)))
  return `cluster { name: testkit, listen: "127.0.0.1:${port}", routes: [${others.join(', ')}] }`
}

/** The version of the NATS server at an address, such as `2.10.27`; throws when JetStream is off. */
export async function askNatsVersion(address: string): Promise<string> {
  const url = new URL(address)
  if (url.protocol !== 'nats:') throw new Error(`the address must start with nats://, not ${url.protocol}//`)
  const at = { host: url.hostname, port: Number(url.port || 4222) }
  const [, json = ''] = await askOverTcp(at, '', /^INFO (\{.*\})\s*\r\n/)
  // The protocol's first line: JSON with these members among others.
  const info = JSON.parse(json) as { version?: string; jetstream?: boolean }
  if (info.jetstream !== true) throw new Error('JetStream is off')
  return info.version ?? ''
}
