import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../internal/testkit/src/server/run-command.ts'
import { findPrograms } from '../../internal/testkit/src/services/find-programs.ts'

const BUILD_LIMIT_MS = 1_200_000

/** What differs from one build of an image to another. */
export interface ImageBuild {
  readonly context: string
  readonly tag: string
  /** The stage to build. Default the last. */
  readonly target?: string
  readonly buildArguments?: Readonly<Record<string, string>>
  /** Files that the build may read, by the name it knows them by; none of them stays in the image. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Whether each step is done again. Default false. */
  readonly isAnew?: boolean
}

/** A Docker engine to which images are brought, by the engine's own command. */
export class ImageEngine {
  readonly #address: string
  readonly #docker: string
  readonly #configuration: string

  private constructor(address: string, docker: string, configuration: string) {
    this.#address = address
    this.#docker = docker
    this.#configuration = configuration
  }

  /** For the engine at an address; `folder` is for the command's own files. Throws where the command is nowhere. */
  static async open(address: string, folder: string): Promise<ImageEngine> {
    const docker = await findPrograms('docker', async (programs) => {
      const beside = ['.', '../bin', '../sbin'].map((path) => join(programs.folder, path, 'docker'))
      const found = beside.find((path) => existsSync(path))
      if (found === undefined) throw new Error(`no docker beside ${programs.folder}`)
      return found
    })
    const configuration = join(folder, 'docker')
    mkdirSync(configuration, { recursive: true })
    writeFileSync(join(configuration, 'config.json'), '{}')
    return new ImageEngine(address, docker, configuration)
  }

  /** Runs the command `docker` and returns what it said. */
  run(...args: readonly string[]): Promise<string> {
    return runCommand(this.#docker, args, {
      timeLimitMs: BUILD_LIMIT_MS,
      env: { DOCKER_HOST: this.#address, DOCKER_CONFIG: this.#configuration, DOCKER_BUILDKIT: '1' },
    })
  }

  /** Makes an image of a root file system. */
  async import(archive: string, tag: string): Promise<void> {
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    await this.run('import', '--change', `ENV ${path}`, archive, tag)
  }

  /** Builds an image, on the network of this machine; its id, `sha256:` and 64 digits. */
  async build(build: ImageBuild): Promise<string> {
    const { context, tag, target, buildArguments = {}, secrets = {}, isAnew = false } = build
    await this.run(
      ...['build', '--quiet', '--network', 'host', '--tag', tag],
      ...(isAnew ? ['--no-cache'] : []),
      ...(target === undefined ? [] : ['--target', target]),
      ...Object.entries(buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      ...Object.entries(secrets).flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]),
      context,
    )
    return (await this.run('image', 'inspect', '--format', '{{.Id}}', tag)).trim()
  }

  /** Unpacks the files of an image into a folder that is there, with their owners and times. */
  async unpack(tag: string, folder: string): Promise<void> {
    const container = (await this.run('create', '--network', 'none', tag, 'none')).trim()
    const archive = `${folder}.tar`
    await this.run('export', '--output', archive, container)
    await this.run('rm', container)
    await runCommand('tar', ['-xpf', archive, '--numeric-owner', '--delay-directory-restore', '-C', folder], {
      timeLimitMs: BUILD_LIMIT_MS,
    })
  }

  /** What an image says of itself, by the name of the label. */
  async labelsOf(tag: string): Promise<Readonly<Record<string, string>>> {
    return JSON.parse(await this.run('image', 'inspect', '--format', '{{json .Config.Labels}}', tag))
  }

  /** The commands that made an image, in full. */
  historyOf(tag: string): Promise<string> {
    return this.run('history', '--no-trunc', '--format', '{{.CreatedBy}}', tag)
  }

  /** Bytes that an image takes, those of its base included. */
  async sizeOf(tag: string): Promise<number> {
    return Number(await this.run('image', 'inspect', '--format', '{{.Size}}', tag))
  }
}
