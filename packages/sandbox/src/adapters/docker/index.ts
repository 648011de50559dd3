export type { EgressOptions } from '../../egress/egress-options.ts'
export type { SandboxRules, SandboxRulesOptions } from '../../program/sandbox-rules.ts'
export { DockerBackend, type DockerBackendStats } from './docker-backend.ts'
export type { DockerBackendOptions, SandboxImage } from './docker-backend-options.ts'
export type {
  ContainerOptions,
  ContainerState,
  DockerClient,
  DockerContainer,
  DockerExec,
  ListedContainer,
} from './docker-client.ts'
export { DOCKER_LIMITS } from './docker-limits.ts'
export type { DockerRuntime } from './docker-runtime.ts'
