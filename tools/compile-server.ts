/**
 * Reads every module of the server, so that Node keeps what it compiles of them in NODE_COMPILE_CACHE.
 * Usage: node --conditions=golden-arch-source tools/compile-server.ts
 */
import { SERVER_ROLES } from '../examples/reference-server/src/server-role.ts'

const SOURCES = '../examples/reference-server/src'

await import(`${SOURCES}/serve.ts`)
await import(`${SOURCES}/telemetry/start-telemetry.ts`)
for (const role of SERVER_ROLES) await import(`${SOURCES}/services/${role}/${role}-service.ts`)
