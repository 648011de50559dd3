import { randomName } from '@golden-arch/testkit'
import { Queue, Worker } from 'bullmq'
import type { Contender, Job, OpenContender } from '../contender.ts'

/** BullMQ with appendfsync everysec, 50 handlers at once; a job is removed when it is done. */
export const bullmq: Contender = {
  name: 'BullMQ',
  durability: 'power, but for 1 s',
  jobs: 8000,
  open: ({ redis }) => open(redis),
}

/** The same with appendfsync always. */
export const bullmqAlways: Contender = {
  name: 'BullMQ, always',
  durability: 'power loss',
  jobs: 8000,
  open: ({ redisAlways }) => open(redisAlways),
}

async function open(address: string): Promise<OpenContender> {
  const { hostname: host, port, password } = new URL(address)
  const connection = { host, port: Number(port), password, maxRetriesPerRequest: null }
  const name = randomName('bench')
  const queue = new Queue<Job>(name, { connection, defaultJobOptions: { removeOnComplete: true } })
  await queue.waitUntilReady()
  let worker: Worker<Job> | undefined
  return {
    async work(handle) {
      worker = new Worker<Job>(name, async ({ data }) => handle(data.index), { connection, concurrency: 50 })
      await worker.waitUntilReady()
    },
    async enqueue(job) {
      await queue.add('job', job)
    },
    async stop() {
      await worker?.close()
    },
    left: () => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'failed'),
    async close() {
      await queue.obliterate({ force: true })
      await queue.close()
    },
  }
}
