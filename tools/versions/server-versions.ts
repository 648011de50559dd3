import {
  fetchReleasePrograms,
  type PostgresVersion,
  type ReleasePrograms,
  startPostgres,
} from '@golden-arch/testkit'

/** A version of a server or of a program to run the tests of its service on. */
export interface ServerVersion {
  /** What the testkit calls the service. */
  readonly service: 'postgres' | 'redis' | 'nats' | 'docker' | 'bubblewrap'
  readonly title: string
  /** Where it comes from. */
  readonly from: string
  /** Whether the product is meant for it. What is not is run too, so that the floor is known to be one. */
  readonly isSupported: boolean
  /** Gives the variables that name it, and what ends it. */
  open(): Promise<OpenVersion>
}

/** A version that the tests can be run on. */
export interface OpenVersion {
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

const REDIS = {
  packages: ['redis-server', 'redis-tools'],
  programs: { 'usr/bin/redis-server': 'redis-server' },
} as const
const VALKEY = {
  packages: ['valkey-server', 'valkey-tools'],
  programs: { 'usr/bin/valkey-server': 'redis-server' },
} as const
const NATS = { packages: ['nats-server'], programs: { 'usr/sbin/nats-server': 'nats-server' } } as const
const BUBBLEWRAP = { packages: ['bubblewrap'], programs: { 'usr/bin/bwrap': 'bwrap' } } as const
const DOCKER = {
  packages: ['docker.io', 'containerd', 'runc', 'runsc'],
  programs: {
    'usr/sbin/dockerd': 'dockerd',
    'usr/bin/containerd': 'containerd',
    'usr/bin/containerd-shim-runc-v2': 'containerd-shim-runc-v2',
    'usr/bin/containerd-shim-runsc-v1': 'containerd-shim-runsc-v1',
    'usr/sbin/runc': 'runc',
    'usr/bin/runsc': 'runsc',
  },
} as const

/** Every version that registries of npm and Debian have, in the order of the table. */
export const SERVER_VERSIONS: readonly ServerVersion[] = [
  ...(['14', '15', '16', '17', '18'] as const).map(postgres),
  fromDebian('redis', 'Redis 6.0', 'bullseye', REDIS, false),
  fromDebian('redis', 'Redis 7.0', 'bookworm', REDIS),
  fromDebian('redis', 'Redis 8.0', 'trixie', REDIS),
  fromDebian('redis', 'Valkey 8.0', 'bookworm-backports', VALKEY),
  fromDebian('redis', 'Valkey 8.1', 'trixie', VALKEY),
  fromDebian('redis', 'Valkey 9.1', 'forky', VALKEY),
  fromDebian('nats', 'nats-server 2.9', 'bookworm', NATS, false),
  fromDebian('nats', 'nats-server 2.10', 'trixie', NATS),
  fromDebian('nats', 'nats-server 2.15', 'forky', NATS),
  fromDebian('docker', 'Docker 20.10', 'bookworm', DOCKER),
  fromDebian('docker', 'Docker 26.1', 'trixie', DOCKER),
  fromDebian('docker', 'Docker 28.5', 'forky', DOCKER),
  fromDebian('bubblewrap', 'bubblewrap 0.8', 'bookworm', BUBBLEWRAP),
  fromDebian('bubblewrap', 'bubblewrap 0.12', 'trixie', BUBBLEWRAP),
  fromDebian('bubblewrap', 'bubblewrap 0.13', 'forky', BUBBLEWRAP),
]

function postgres(version: PostgresVersion): ServerVersion {
  return {
    service: 'postgres',
    title: `PostgreSQL ${version}`,
    from: 'npm',
    isSupported: true,
    async open() {
      const server = await startPostgres({ version })
      return { environment: { TEST_DATABASE_URL: server.address }, close: server.stop }
    },
  }
}

function fromDebian(
  service: 'redis' | 'nats' | 'docker' | 'bubblewrap',
  title: string,
  release: string,
  wanted: Omit<ReleasePrograms, 'release'>,
  isSupported = true,
): ServerVersion {
  return {
    service,
    title,
    from: `Debian ${release}`,
    isSupported,
    async open() {
      const folder = await fetchReleasePrograms({ ...wanted, release })
      return {
        environment: { [`TESTKIT_${service.toUpperCase()}_PROGRAMS`]: folder },
        close: async () => undefined,
      }
    },
  }
}
