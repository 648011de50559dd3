import type { Dumps } from '../../examples/reference-server/src/testing/chaos/store-losses.ts'
import { openBackupScene } from './backup-scene.ts'
import type { ScriptRun } from './script-run.ts'

/** A PostgreSQL, and dumps of its database by the scripts that run on Kubernetes. */
export async function openDumps(): Promise<Dumps> {
  const scene = await openBackupScene()
  const server = scene.service.address
  const name = new URL(server).pathname.slice(1)
  const beside = new URL(server)
  beside.pathname = '/template1'
  return {
    service: scene.service,
    take: async () => succeeded(await scene.backUp(server)),
    restore: async () => {
      const restored = await scene.newDatabase()
      await succeeded(await scene.restore(restored))
      const others = `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '${name}'`
      await scene.ask(others, beside.href)
      await scene.ask(`ALTER DATABASE ${name} RENAME TO ${name}_before`, beside.href)
      await scene.ask(`ALTER DATABASE ${new URL(restored).pathname.slice(1)} RENAME TO ${name}`, beside.href)
    },
    close: () => scene.leave(),
  }
}

async function succeeded({ end }: ScriptRun): Promise<void> {
  const { code, output } = await end
  if (code !== 0) throw new Error(`ended with ${code}: ${output}`)
}
