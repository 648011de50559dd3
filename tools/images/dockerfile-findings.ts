import {
  builtStage,
  type Dockerfile,
  type Instruction,
  parseDockerfile,
  type Stage,
  wordsOf,
} from './dockerfile.ts'

/** What an image is for: a service is asked whether it lives, a runner of one program is not. */
export type ImageKind = 'service' | 'runner'

const VERSIONED = /:[a-z]*\d+\.\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/
const SECRET_NAME = /secret|token|passw|credential|private|api_?key|_key\b|\bauth/i
const CREDENTIALS = /:\/\/[^/\s"']*:[^/\s"']*@/
const NUMERIC_USER = /^[1-9]\d*:[1-9]\d*$/
const LABELS = ['title', 'licenses', 'version', 'revision', 'source']

/** What is wrong with a Dockerfile, one sentence each; `node` is the version of Node that the repository is tested with. */
export function dockerfileFindings(text: string, kind: ImageKind, node: string): readonly string[] {
  const file = parseDockerfile(text)
  return [
    ...baseFindings(file, node),
    ...file.stages.flatMap(({ instructions }) => instructions).flatMap(instructionFindings),
    ...[...file.given].flatMap(([name, value]) =>
      instructionFindings({ name: 'ARG', text: `${name}=${value}` }),
    ),
    ...imageFindings(builtStage(file), kind),
  ]
}

function baseFindings({ stages }: Dockerfile, node: string): readonly string[] {
  const names = new Set(stages.map(({ name }) => name))
  return stages.flatMap(({ from }) => {
    if (from === 'scratch' || names.has(from)) return []
    if (!VERSIONED.test(from)) return [`${from || 'FROM without an image'}: no version that stays the same`]
    if (from.startsWith('node:') && !from.startsWith(`node:${node}-`))
      return [`${from}: tests run on Node ${node}`]
    return []
  })
}

function instructionFindings({ name, text }: Instruction): readonly string[] {
  const findings: string[] = []
  if (CREDENTIALS.test(text)) findings.push(`${name}: an address with a password`)
  if ((name === 'ARG' || name === 'ENV') && SECRET_NAME.test(text)) {
    findings.push(`${name} ${text.split('=')[0]}: a secret stays in the image; mount it`)
  }
  if (name === 'ADD') findings.push('ADD: COPY takes nothing but what is there')
  if (name === 'COPY' && /^(--\S+\s+)*\.\s/.test(text)) findings.push('COPY .: name what is copied')
  if (name === 'RUN' && /\bnpm (i|install|add)\b/.test(text))
    findings.push('npm install: npm ci keeps to the lockfile')
  if (name === 'RUN' && /\bnpm ci\b/.test(text) && !text.includes('--ignore-scripts')) {
    findings.push('npm ci: packages would run scripts')
  }
  return findings
}

function imageFindings({ from, instructions }: Stage, kind: ImageKind): readonly string[] {
  const lastOf = (name: string): Instruction | undefined =>
    instructions.findLast((each) => each.name === name)
  const labels = instructions.filter(({ name }) => name === 'LABEL').map(({ text }) => text)
  const user = lastOf('USER')?.text ?? ''
  const removed = instructions.some(
    ({ name, text }) => name === 'RUN' && /rm -rf .*node_modules.*\/npm\b/.test(text),
  )
  return [
    ...(NUMERIC_USER.test(user) ? [] : [`USER ${user}: no number of a user and group other than root`]),
    ...(wordsOf(lastOf('ENTRYPOINT')).length > 0
      ? []
      : ['ENTRYPOINT: no list of words, so that a shell gets the signals']),
    ...(kind === 'runner' || wordsOf(lastOf('HEALTHCHECK')).length > 0 ? [] : ['HEALTHCHECK: none']),
    ...((kind === 'service' ? removed : from === 'scratch') ? [] : ['a package manager is left in it']),
    ...LABELS.filter(
      (label) => !labels.some((text) => text.includes(`org.opencontainers.image.${label}=`)),
    ).map((label) => `LABEL org.opencontainers.image.${label}: none`),
  ]
}
