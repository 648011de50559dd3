import { DockerBackend } from '@golden-arch/sandbox/docker'
import Docker from 'dockerode'
import { runProgram } from '../../packages/sandbox/src/testing/run-program.ts'

/** A language that has an image of its own. */
export type RunnerLanguage = 'javascript' | 'python'

/** Reads what it was given, leaves a file, and says which user it is and what it finds where a shell would be. */
const PROGRAMS: Readonly<Record<RunnerLanguage, string>> = {
  javascript: `
    const fs = require('node:fs')
    fs.writeFileSync('out/answer', String(6 * 7))
    const shells = ['/bin/sh', '/bin/bash', '/usr/bin/env'].filter((path) => fs.existsSync(path))
    console.log(process.getuid(), fs.readFileSync('given', 'utf8'), shells.length)`,
  python: `
import hashlib, json, os, ssl, zlib
open('out/answer', 'w').write(str(6 * 7))
shells = [path for path in ('/bin/sh', '/bin/bash', '/usr/bin/env') if os.path.exists(path)]
print(os.getuid(), open('given').read(), len(shells))`,
}
const EXPECTED = '65534 word 0\n'

/** Runs one program in an image, as a sandbox does; what is wrong, one sentence each. */
export async function tryRunner(
  address: string,
  runtime: 'runc' | 'runsc',
  language: RunnerLanguage,
  image: string,
): Promise<readonly string[]> {
  const docker = new Docker({ socketPath: new URL(address).pathname })
  const backend = new DockerBackend({ docker, runtime, images: { [language]: { image, warm: 0 } } })
  try {
    await backend.prepare()
    const files = [{ path: 'given', content: Buffer.from('word') }]
    const outcome = await runProgram(backend, PROGRAMS[language], {}, undefined, { language, files })
    const answer = outcome.files?.find(({ path }) => path === 'answer')
    return [
      ...(outcome.status === 'completed' && outcome.stdout === EXPECTED
        ? []
        : [`${language} in ${runtime}: ${outcome.status}: ${outcome.stdout}${outcome.stderr}`]),
      ...(answer !== undefined && Buffer.from(answer.content).toString() === '42'
        ? []
        : [`${language} in ${runtime}: its file is missing`]),
    ]
  } finally {
    await backend.close()
  }
}
