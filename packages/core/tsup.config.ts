import { defineConfig, type Options } from 'tsup'
import { packageBuild } from '../../tools/package-build.ts'

const options: Options = packageBuild({
  migrationModules: ['events', 'audit', 'tasks', 'resilience', 'security'],
})
export default defineConfig(options)
