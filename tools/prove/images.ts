/**
 * Builds the images of this repository on a real Docker engine of its own and runs them. Their bases are made from Debian
 * packages, as no registry is asked for an image; packages come from where npm here gets them. Each image is built twice, and
 * all of its files must be the same. A program runs in each image of the sandbox, with runc and in gVisor. Then the demo's tasks
 * go through six containers of the server's image on one network, of which one is killed in the middle: every task must end
 * as in a calm run, and nothing may be lost or done twice.
 * Usage: node --conditions=golden-arch-source tools/prove/images.ts [services to kill, with commas]
 */
import { join } from 'node:path'
import { startDocker, temporaryFolder } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { SERVER_ROLES } from '../../examples/reference-server/src/server-role.ts'
import { buildTwice } from '../images/build-twice.ts'
import { compiledSources } from '../images/compiled-sources.ts'
import { copyRepository } from '../images/copy-repository.ts'
import { runDemoInContainers } from '../images/demo-in-containers.ts'
import { ImageEngine } from '../images/image-engine.ts'
import { imageTraces } from '../images/image-traces.ts'
import { registrySecrets } from '../images/registry-secrets.ts'
import { buildOf, IMAGES, importBase, REVISION } from '../images/repository-images.ts'
import { tryRunner } from '../images/try-runner.ts'

const MAX_RUN_MS = 3_600_000
const MIB = 2 ** 20

const wanted = (process.argv[2] ?? 'agent-runtime').split(',')
const killed = SERVER_ROLES.filter((role) => wanted.includes(role))
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)
const seconds = (ms: number): string => (ms / 1000).toFixed(1)

const problems: string[] = []
const folder = await temporaryFolder('images')
const started = await startDocker()
try {
  const engine = await ImageEngine.open(started.address, folder.path)
  const root = join(folder.path, 'repository')
  copyRepository(root)
  const secrets = await registrySecrets(join(folder.path, 'registry'))
  const ids = new Map<string, string>()
  for (const name of ['javascript', 'python', 'server'] as const) {
    say(`${IMAGES[name].tag} on ${await importBase(engine, name)}`)
    const built = await buildTwice(engine, buildOf(root, name, secrets), join(folder.path, name))
    ids.set(name, built.id)
    say(
      `${built.paths.length} files, ${Math.round(built.sizeBytes / MIB)} MiB with its base, ` +
        `built in ${seconds(built.buildMs[0])} s and ${seconds(built.buildMs[1])} s, ${built.differences.length} differences`,
    )
    const { tag } = buildOf(root, name)
    const labels = await engine.labelsOf(tag)
    const traces = await imageTraces(engine, tag, built.paths, name === 'server' ? secrets.npmrc : undefined)
    if (labels['org.opencontainers.image.revision'] !== REVISION)
      traces.push('it does not say what it was built from')
    problems.push(...[...built.differences, ...traces].map((each) => `${name}: ${each}`))
  }
  const warm = { ...buildOf(root, 'server', secrets), tag: `${IMAGES.server.tag}:warm`, target: 'warm' }
  await engine.build(warm)
  const compiled = await compiledSources(engine, warm.tag)
  say(`${warm.tag}: ${compiled.found} compiled files are found at the start, ${compiled.missing} are not`)
  if (compiled.found < 10 * compiled.missing) problems.push('the warm image is not warm')
  for (const language of ['javascript', 'python'] as const) {
    for (const runtime of ['runc', 'runsc'] as const) {
      problems.push(...(await tryRunner(started.address, runtime, language, ids.get(language) ?? '')))
      say(`${language} ran in ${runtime}`)
    }
  }
  const found = await runDemoInContainers({
    docker: new Docker({ socketPath: new URL(started.address).pathname }),
    image: ids.get('server') ?? '',
    killed,
    say,
    signal: AbortSignal.timeout(MAX_RUN_MS),
  })
  for (const [name, figure] of Object.entries(found.figures)) console.log(`${name}: ${figure}`)
  problems.push(...found.problems)
} finally {
  await started.stop()
  await folder.remove()
}
for (const problem of problems) console.log(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
else console.log('Every task ended as in a calm run; nothing was lost, and nothing done twice.')
