import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { containerOptions } from './container-options.ts'
import { type DockerBackendOptions, resolveDockerBackendOptions } from './docker-backend-options.ts'
import type { DockerClient } from './docker-client.ts'
import { DOCKER_LIMITS } from './docker-limits.ts'

const image = `sha256:${'a'.repeat(64)}`
const never = (): never => {
  throw new Error('not asked')
}
const docker: DockerClient = {
  info: never,
  getImage: never,
  createContainer: never,
  getContainer: never,
  listContainers: never,
}
const options = (more: Partial<DockerBackendOptions> = {}): DockerBackendOptions => ({
  docker,
  images: { python: { image } },
  ...more,
})

describe('the options of the Docker backend', () => {
  it('has limits by default, and the bounds that a request may ask for', () => {
    const times = [DOCKER_LIMITS.timeoutMs, DOCKER_LIMITS.cpuTimeMs]
    expect(times).toEqual([
      { min: 1, default: 10_000, max: 600_000 },
      { min: 1, default: 600_000, max: 600_000 },
    ])
  })

  it('takes gVisor unless told otherwise', () => {
    expect(resolveDockerBackendOptions(options()).runtime).toBe('runsc')
  })

  it.each<[string, string, object]>([
    ['an image by a tag', 'images.python.image', { images: { python: { image: 'python:3' } } }],
    ['no engine', 'docker', { docker: undefined }],
    ['a shortened id', 'images.python.image', { images: { python: { image: 'sha256:abc' } } }],
    ['no image', 'images', { images: {} }],
    ['an unknown language', 'images', { images: { perl: { image } } }],
    [
      'an interpreter that is searched for',
      'images.python.interpreter',
      { images: { python: { image, interpreter: 'python' } } },
    ],
    ['an unknown runtime', 'runtime', { runtime: 'kata' }],
    [
      'too few warm ones at most',
      'images.python.maxWarm',
      { images: { python: { image, warm: 3, maxWarm: 2 } } },
    ],
    ['no processes', 'rules.pidsLimit', { rules: { pidsLimit: 0 } }],
    ['no processor', 'rules.cpus', { rules: { cpus: 0 } }],
    ['a variable that changes the loader', 'environmentNames', { environmentNames: ['LD_PRELOAD'] }],
    ['a variable that changes the interpreter', 'environmentNames', { environmentNames: ['PYTHONPATH'] }],
    ['a variable that is no name', 'environmentNames', { environmentNames: ['a=b'] }],
    ['no concurrency', 'maxConcurrent', { maxConcurrent: 0 }],
    ['an allow-list of nothing', 'egress.allow', { egress: { allow: [] } }],
    ['an address to connect to', 'egress.allow', { egress: { allow: ['10.0.0.1:80'] } }],
    [
      'a way out where no relay runs',
      'images.shell',
      { egress: { allow: ['a.example:80'] }, images: { shell: { image } } },
    ],
  ])('refuses %s, by the option %s', (_title, option, more) => {
    expect(() => resolveDockerBackendOptions(options(more))).toThrow(invalidOption(option))
  })

  it('names the proxy to programs where there is one, and gives the container no network all the same', () => {
    const { rules, images, runtime, egress } = resolveDockerBackendOptions(
      options({ egress: { allow: ['a.example:80'] } }),
    )
    const python = images.get('python')
    if (python === undefined) throw new Error('no image')
    const purpose = { language: 'python', image: python, runtime, rules, labels: {} } as const
    const sizes = { memoryLimitBytes: 1 << 28, stackLimitBytes: 1 << 20 }
    const made = containerOptions({ ...purpose, ...sizes, hasEgress: egress !== undefined })
    expect(made.Env).toContain('HTTPS_PROXY=http://127.0.0.1:3128')
    expect(made).toMatchObject({
      NetworkDisabled: true,
      HostConfig: { NetworkMode: 'none', CapDrop: ['ALL'] },
    })
    expect(egress).toMatchObject({ allowPrivateAddresses: false, maxConnections: 16 })
    const without = containerOptions({ ...purpose, ...sizes, hasEgress: false })
    expect(without.Env.filter((each) => /proxy/i.test(each))).toEqual([])
  })

  it('lets nothing but the word itself open private addresses', () => {
    // A caller without types.
    const egress = { allow: ['a.example:80'], allowPrivateAddresses: 'no' as unknown as boolean }
    expect(() => resolveDockerBackendOptions(options({ egress }))).toThrow('egress.allowPrivateAddresses')
  })

  it('makes containers that have nothing', () => {
    const { rules, images, runtime } = resolveDockerBackendOptions(options())
    const python = images.get('python')
    if (python === undefined) throw new Error('no image')
    const purpose = {
      language: 'python',
      image: python,
      runtime,
      rules,
      hasEgress: false,
      labels: {},
    } as const
    const made = containerOptions({ ...purpose, memoryLimitBytes: 1 << 28, stackLimitBytes: 1 << 20 })
    expect(made).toMatchObject({ Image: image, User: '65534:65534', NetworkDisabled: true, Tty: false })
    expect(made.HostConfig).toMatchObject({
      Runtime: 'runsc',
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Memory: 1 << 28,
      MemorySwap: 1 << 28,
      PidsLimit: 256,
    })
    expect(made.HostConfig).not.toHaveProperty('Binds')
    expect(made.HostConfig.SecurityOpt[0]).toBe('no-new-privileges')
    expect(made.HostConfig.Tmpfs['/tmp']).toContain('noexec,nosuid,nodev,size=67108864')
    const seccomp = made.HostConfig.SecurityOpt[1] ?? ''
    for (const call of [
      'io_uring_setup',
      'mount',
      'ptrace',
      'unshare',
      'bpf',
      'keyctl',
      'setns',
      'userfaultfd',
    ]) {
      expect(seccomp).not.toContain(`"${call}"`)
    }
  })
})
