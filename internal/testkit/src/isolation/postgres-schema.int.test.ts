import pg from 'pg'
import { expect, test } from 'vitest'
import { describeWithService } from '../vitest/describe-with-service.ts'
import { createPostgresSchema } from './postgres-schema.ts'

describeWithService('postgres', 'a schema of its own', (address) => {
  test('its pool sees its tables and no others, and dropping it leaves nothing', async () => {
    const [one, two] = await Promise.all([createPostgresSchema(address), createPostgresSchema(address)])
    const [poolOne, poolTwo] = [new pg.Pool(one.poolConfig), new pg.Pool(two.poolConfig)]
    await poolOne.query('CREATE TABLE things (id int)')
    await poolOne.query('INSERT INTO things VALUES (1), (2)')
    await expect(poolTwo.query('SELECT * FROM things')).rejects.toThrow('does not exist')
    expect((await poolOne.query('SELECT current_schema() AS name')).rows).toEqual([{ name: one.schema }])
    await Promise.all([poolOne.end(), poolTwo.end()])
    await Promise.all([one.drop(), two.drop()])
    const pool = new pg.Pool({ connectionString: address, max: 1 })
    const left = await pool.query('SELECT 1 FROM pg_namespace WHERE nspname IN ($1, $2)', [
      one.schema,
      two.schema,
    ])
    await pool.end()
    expect(left.rowCount).toBe(0)
  })
})
