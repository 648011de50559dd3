import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { loadClient } from './load-client.ts'

test("a client is the application's own, and what is nowhere is named with the way to get it", async () => {
  const app = await temporaryFolder('cli-client')
  const folder = join(app.path, 'node_modules', 'pg')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "name": "pg", "main": "main.cjs" }')
  await writeFile(join(folder, 'main.cjs'), 'exports.isOfTheApplication = true\n')
  expect(await loadClient('pg', app.path)).toMatchObject({ isOfTheApplication: true })
  await expect(loadClient('no-such-client', app.path)).rejects.toMatchObject({
    code: 'CLIENT_MISSING',
    message: 'the package no-such-client is not installed: npm install no-such-client',
  })
  await app.remove()
})
