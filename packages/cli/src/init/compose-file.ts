import type { Dependency } from '../surroundings/addresses.ts'

const SERVICES: Readonly<
  Record<Dependency, { readonly variable: string; readonly lines: readonly string[] }>
> = {
  postgres: {
    variable: 'DATABASE_URL=postgres://postgres:development@127.0.0.1:5432/postgres',
    lines: [
      'image: postgres:17',
      'environment:',
      '  POSTGRES_PASSWORD: development',
      'volumes: ["postgres:/var/lib/postgresql/data"]',
      'ports: ["127.0.0.1:5432:5432"]',
      'healthcheck: { test: ["CMD", "pg_isready", "--username", "postgres"], interval: 2s, retries: 30 }',
    ],
  },
  redis: {
    variable: 'REDIS_URL=redis://127.0.0.1:6379',
    lines: [
      'image: redis:7',
      'command: redis-server --appendonly yes',
      'volumes: ["redis:/data"]',
      'ports: ["127.0.0.1:6379:6379"]',
      'healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 2s, retries: 30 }',
    ],
  },
  nats: {
    variable: 'NATS_URL=nats://127.0.0.1:4222',
    lines: [
      'image: nats:2.10',
      'command: --jetstream --store_dir /data',
      'volumes: ["nats:/data"]',
      'ports: ["127.0.0.1:4222:4222"]',
    ],
  },
}

/** A Compose file with these servers, for development: open to this machine alone, and durable. */
export function composeFile(services: readonly Dependency[]): string {
  const blocks = services.map((name) =>
    [`  ${name}:`, ...SERVICES[name].lines.map((line) => `    ${line}`)].join('\n'),
  )
  return `# Servers for development, open to this machine alone: docker compose up --detach --wait
# The application and golden-arch find them by these variables:
${services.map((name) => `#   ${SERVICES[name].variable}`).join('\n')}
services:
${blocks.join('\n')}
volumes:
${services.map((name) => `  ${name}:`).join('\n')}
`
}
