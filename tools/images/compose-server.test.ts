import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  ENVIRONMENT_SCHEMA,
  SECRET_VARIABLES,
} from '../../examples/reference-server/src/environment-schema.ts'
import { SERVER_VERSION } from '../../examples/reference-server/src/server-version.ts'

interface ComposeService {
  readonly profiles: readonly string[]
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: readonly string[]
}

// Each test says what it expects of what it reads.
const { services, volumes } = parse(
  readFileSync(join(import.meta.dirname, '../../compose.yaml'), 'utf8'),
) as {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const own = Object.entries(services).filter(([, { profiles }]) => profiles.includes('server'))

it('the profile server has the server and its own stores, and starts for nobody else', () => {
  expect(own.map(([name]) => name)).toEqual(['server', 'server-postgres', 'server-redis', 'server-nats'])
  for (const [name, service] of own) {
    expect(service.profiles, name).toEqual(['server'])
    expect(service.image, name).toMatch(/^[a-z/-]+:\d[\d.]*$/)
    for (const volume of service.volumes ?? [])
      expect(volumes, name).toHaveProperty(volume.split(':')[0] ?? '')
    for (const port of service.ports ?? []) expect(port, name).toMatch(/^127\.0\.0\.1:/)
    for (const other of service.depends_on ?? []) expect(own.map(([each]) => each)).toContain(other)
  }
})

it('its server is the image of the manifests, with as few rights as there', () => {
  expect(services.server).toMatchObject({
    image: `golden-architecture/reference-server:${SERVER_VERSION}`,
    build: '.',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    tmpfs: [expect.stringMatching(/^\/tmp:/)],
  })
})

it('its server knows each variable, and no secret is written down', () => {
  for (const [name, value] of Object.entries(services.server?.environment ?? {})) {
    expect(ENVIRONMENT_SCHEMA.shape, name).toHaveProperty(name)
    const isSecret = SECRET_VARIABLES.some((secret) => secret === name)
    // What Compose puts in, and the names of hosts, are no secrets.
    if (isSecret)
      expect(value.replaceAll(/\$\{\w+:-\}/g, ''), name).toMatch(
        /^(\w+:\/\/(postgres)?:?@?server-[\w:/-]+)?$/,
      )
  }
})
