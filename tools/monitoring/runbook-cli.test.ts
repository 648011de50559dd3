import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { callCli } from '../../packages/cli/src/testing/called-cli.ts'
import { MONITORING_FOLDER } from './rule-file.ts'

const FOLDER = join(MONITORING_FOLDER, '..', '..', 'docs', 'runbooks')
const COMMANDS = readdirSync(FOLDER).flatMap((name) =>
  [...readFileSync(join(FOLDER, name), 'utf8').matchAll(/golden-arch ([a-z][^`\n]*)/g)].map(
    ([, words = '']) => [name, words] as const,
  ),
)

it.each(COMMANDS)('%s: golden-arch %s is understood, as it is printed', async (_name, words) => {
  const folder = await temporaryFolder('runbook-cli')
  onTestFinished(() => folder.remove())
  const [checkpoints, key] = [join(folder.path, 'checkpoints'), join(folder.path, 'public.pem')]
  writeFileSync(checkpoints, '')
  writeFileSync(key, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }))
  const given = { AUDIT_CHECKPOINT_PATH: checkpoints, PUBLIC_KEY_FILE: key, KEY_ID: 'k', KIND: 'f' }
  const said = words.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => given[name as keyof typeof given])
  const argv = [...said.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)
  const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x' }
  // Understood as far as the database, which does not answer.
  expect(await callCli(argv, { environment })).toMatchObject({ exitCode: 3 })
})

it('an audit log is verified with its checkpoints and its key: without them less is proven', () => {
  const verifying = COMMANDS.map(([, words]) => words).filter((words) => words.startsWith('audit verify'))
  expect(verifying).not.toEqual([])
  for (const words of verifying) expect(words).toMatch(/ --checkpoints .* --key /)
})
