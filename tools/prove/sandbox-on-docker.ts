/**
 * Proves that nothing gets out of a container and nothing is left behind: the whole table of abuses with runc and with
 * gVisor, after each a harmless program; then 200 executions at once, all answered. In the end no container is left.
 * Usage: node --conditions=golden-arch-source tools/prove/sandbox-on-docker.ts [part of a title]
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DockerBackend } from '@golden-arch/sandbox/docker'
import { dockerImage, startDocker } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { abuseInGVisor } from '../../packages/sandbox/src/testing/abuse-in-gvisor.ts'
import { PROGRAM_ABUSES } from '../../packages/sandbox/src/testing/program-abuse.ts'
import { memoryMib, proofLogger, SandboxProof } from '../sandbox-proof.ts'

interface Holdings {
  readonly containers: number
  readonly volumes: number
  readonly diskMib: number
  readonly memoryMib: number
}

const MOST_DISK_MIB = 16
const MOST_MEMORY_MIB = 64
const wanted = process.argv[2] ?? ''
const abuses = PROGRAM_ABUSES.filter(({ title }) => title.includes(wanted))
if (abuses.length === 0) throw new RangeError(`no abuse is named like ${wanted}`)
const engine = await startDocker()
const proof = new SandboxProof()
const { failures } = proof

/** What the engine and this process hold, garbage aside. */
async function holdings(docker: Docker): Promise<Holdings> {
  // The engine's answer, of which one member is read.
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir: string }
  // It fails for what is being removed under its eyes, and counts the rest all the same.
  const counted = promisify(execFile)('du', ['-sm', DockerRootDir])
  const { stdout } = await counted.catch((error: { stdout: string }) => error)
  return {
    containers: (await docker.listContainers({ all: true })).length,
    volumes: (await docker.listVolumes()).Volumes?.length ?? 0,
    diskMib: Number.parseInt(stdout, 10),
    memoryMib: memoryMib(),
  }
}

try {
  const docker = new Docker({ socketPath: new URL(engine.address).pathname })
  const image = await dockerImage(engine.address, 'python')
  for (const runtime of ['runc', 'runsc'] as const) {
    const images = { python: { image }, shell: { image } }
    const backend = new DockerBackend({ docker, runtime, images, maxConcurrent: 4, logger: proofLogger })
    await backend.prepare()
    await proof.tryAll(runtime, backend, runtime === 'runsc' ? abuses.map(abuseInGVisor) : abuses)
    const before = await holdings(docker)
    await proof.runManyAtOnce(runtime, backend)
    await backend.close()
    const after = await holdings(docker)
    console.log(`${runtime}: before`, before, 'and after', after)
    if (after.containers > 0) failures.push(`${runtime}: ${after.containers} containers were left`)
    if (after.volumes > 0) failures.push(`${runtime}: ${after.volumes} volumes were left`)
    if (after.diskMib > before.diskMib + MOST_DISK_MIB)
      failures.push(`${runtime}: the engine's disk has grown`)
    if (after.memoryMib > before.memoryMib + MOST_MEMORY_MIB) failures.push(`${runtime}: memory has grown`)
  }
} finally {
  await engine.stop()
}
proof.finish('on two runtimes')
